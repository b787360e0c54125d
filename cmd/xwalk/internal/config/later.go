package config

import (
	"github.com/xwalk-id/xwalk/connectors"
)

// laterKeys checks the top-level keys that no verb of this version acts on.
// sync and references wait for verbs of their own, so a plan runs beside them.
func (d *decoder) laterKeys(o *object, f *File, reg connectors.Registry) {
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
	if n := o.take("references"); n != nil {
		for i, e := range d.list(n, "references", "references") {
			d.oneReference(e, index("references", i), f, reg)
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
