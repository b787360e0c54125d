package rewrite

import (
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func (m *mysqlTable) readTriggers() error {
	err := m.db.SelectContext(m.ctx, &m.Triggers, `SELECT trigger_name AS name, CONCAT(action_timing, ' ', event_manipulation) AS event
		FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ? AND event_manipulation IN ('INSERT', 'UPDATE')
		ORDER BY trigger_name`, m.Schema, m.Name)
	return err
}

// readViews searches the definitions of views, for the catalog has nothing
// else that every server knows.
func (m *mysqlTable) readViews() error {
	var rows []struct{ Schema, Name, Definition string }
	err := m.db.SelectContext(m.ctx, &rows, `SELECT table_schema AS `+"`schema`"+`, table_name AS name, COALESCE(view_definition, '') AS definition
		FROM information_schema.views WHERE table_schema = ? OR view_definition LIKE CONCAT('%', ?, '%')
		ORDER BY table_schema, table_name`, m.Schema, likeText(sqldb.MySQL.Quote(m.Schema)))
	var views []definedView
	hidden := 0
	for _, r := range rows {
		if r.Schema == m.Schema && r.Name == m.Name {
			continue
		}
		if r.Definition == "" {
			hidden++
		}
		views = append(views, definedView{schema: r.Schema, name: r.Name, full: m.full(r.Schema, r.Name), tokens: sqlTokens(sqldb.MySQL, r.Definition)})
	}
	if hidden > 0 {
		m.Unseen = append(m.Unseen, fmt.Sprintf("what %d views read (the privilege SHOW VIEW is missing)", hidden))
	}
	m.Views = readers(sqldb.MySQL, m.Schema, m.Name, views)
	return err
}

// likeText makes a text mean itself in a LIKE.
func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s)
}
