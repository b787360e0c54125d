package config

// laterKeys checks the top-level keys that no verb of this version acts on.
// sync waits for a verb of its own, so a plan runs beside it.
func (d *decoder) laterKeys(o *object) {
	if n := o.take("sync"); n != nil {
		if s, ok := d.object(n, "sync"); ok {
			for _, key := range []string{"every", "lookback", "full"} {
				if n := s.take(key); n != nil {
					d.duration(n, "sync."+key)
				}
			}
			s.close()
		}
	}
}

// laterSourceKeys checks the keys of a source that no verb of this version
// acts on.
func (d *decoder) laterSourceKeys(o *object, path string) {
	if n := o.take("every"); n != nil {
		d.duration(n, path+".every")
	}
}
