package infer

import "math"

// evidence is how far beyond chance it is that k of n trials hold, each of
// which holds by chance with probability p: the negative natural logarithm of
// a bound of the probability of k or more (Chernoff, in the form of Hoeffding
// 1963). It is 0 where k is no more than chance gives.
func evidence(k, n int, p float64) float64 {
	if n == 0 || p >= 1 {
		return 0
	}
	p = max(p, 1e-6)
	q := float64(k) / float64(n)
	if q <= p {
		return 0
	}
	kl := q * math.Log(q/p)
	if q < 1 {
		kl += (1 - q) * math.Log((1-q)/(1-p))
	}
	return float64(n) * kl
}
