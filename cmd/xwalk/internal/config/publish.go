package config

// publishing decodes `publish` of a source.
func (d *decoder) publishing(o *object, path string) {
	if n := o.take("publish"); n != nil {
		if p, ok := d.object(n, path+".publish"); ok {
			if n := p.need("field", "the column that publish writes canonical IDs into"); n != nil {
				d.name(n, path+".publish.field")
			}
			p.close()
		}
	}
}
