package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// publication is `publish` of a source: the field that takes canonical IDs, and
// the file that a source which is a file is copied to.
type publication struct {
	node       *yaml.Node
	field, out string
	id         []string // the columns of the source ID
}

// publishing decodes `publish` of a source, whose connector and ID are known
// by now.
func (d *decoder) publishing(o *object, path string, s *Source, id []string) {
	n := o.take("publish")
	if n == nil {
		return
	}
	path += ".publish"
	p, ok := d.object(n, path)
	if !ok {
		return
	}
	s.publish = publication{node: n, id: id}
	if n := p.need("field", "the column that publish writes canonical IDs into: field: canonical_no"); n != nil {
		s.publish.field, _ = d.name(n, path+".field")
		if slices.Contains(id, s.publish.field) {
			d.report(follow(n), "config.bad_value", "a column of its own, such as canonical_no; xwalk rewrite changes IDs themselves", "%s.field: found the column of the source ID", path)
		}
	}
	if n := p.take("out"); n != nil {
		s.publish.out, _ = d.name(n, path+".out")
		if s.known && s.spec.Database != nil {
			d.report(follow(n), "config.conflict", "leave it out; it is for sources that are files", "%s.out: %s writes into the table itself", path, s.spec.Name)
		}
	}
	p.close()
	if !s.known {
		return
	}
	if s.spec.Publish == nil {
		d.report(follow(n), "config.bad_value", "xwalk connectors says which ones can", "%s: the connector %s cannot be published to", path, s.spec.Name)
	}
	if q := o.values["query"]; q != nil {
		d.report(follow(q), "config.conflict", "read the source by table, and by where what of it counts", "%s: what is read by a query cannot be written to", path)
	}
}

// Publishes says which field of the source takes canonical IDs; empty: none
// does.
func (s Source) Publishes() string { return s.publish.field }

// CanPublish reports whether the source's connector can be published to.
func (s Source) CanPublish() bool { return s.spec.Publish != nil }

// IDColumns is how many columns the source's ID has.
func (s Source) IDColumns() int { return len(s.publish.id) }

// Publisher opens the source to write canonical IDs into it. Its errors are
// those of [Source.Open], and a [*mapping.FieldError] inside of an
// [*OpenError].
func (s Source) Publisher(ctx context.Context) (mapping.Publisher, error) {
	if s.publish.field == "" || s.spec.Publish == nil {
		return nil, fmt.Errorf("source %s has no publish in the configuration", s.Name)
	}
	where, err := s.filter()
	if err != nil {
		return nil, err
	}
	out := s.publish.out
	if hasRefs(out) {
		text, err := expand(out, s.resolver.resolve)
		if err != nil {
			return nil, diag.List{s.doc.at(s.publish.node, err.code, err.hint, s.path+".publish.out "+err.message)}
		}
		out = text
	}
	p, err := s.spec.Publish(ctx, s.decode, connectors.PublishRequest{
		Request: connectors.Request{Name: s.Name, Columns: s.publish.id, Where: where, Dir: s.dir},
		Field:   s.publish.field, Out: strings.TrimSpace(out),
	})
	if err != nil {
		return nil, s.notOpened(err, s.publish.node)
	}
	return p, nil
}

// notOpened is the error of a source that cannot be used as it is configured
// at a node.
func (s Source) notOpened(err error, at *yaml.Node) error {
	var list diag.List
	if errors.As(err, &list) { // has places of its own
		return list
	}
	return &OpenError{Source: s.Name, Pos: diag.Pos{File: s.doc.file, Line: at.Line, Column: at.Column}, Err: err}
}
