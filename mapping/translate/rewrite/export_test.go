package rewrite

import "database/sql/driver"

// WithWrap puts something between a job's databases and their drivers.
func WithWrap(j Job, wrap func(driver.Connector) driver.Connector) Job {
	j.wrap = wrap
	return j
}

// LiteralText is how scripts write texts.
var LiteralText = literalText
