package crosswalk

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is the statements that lead from one version of the tables to
// the next. The version of a store is how many of them it has seen. Each
// statement must do no harm when it runs twice: in MySQL a step that was cut
// off in its middle runs again.
type migration []string

// migrations are all steps, oldest first.
var migrations = readMigrations()

func readMigrations() []migration {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		panic(err)
	}
	var steps []migration
	for _, f := range files {
		text, err := migrationFiles.ReadFile(path.Join("migrations", f.Name()))
		if err != nil {
			panic(err)
		}
		steps = append(steps, splitStatements(string(text)))
	}
	return steps
}

// splitStatements cuts a script at semicolons that end a line and leaves out
// lines of comment.
func splitStatements(script string) migration {
	var code strings.Builder
	for line := range strings.Lines(script) {
		if !strings.HasPrefix(line, "--") {
			code.WriteString(line)
		}
	}
	var steps migration
	for _, stmt := range strings.Split(code.String(), ";\n") {
		if stmt = strings.TrimSpace(stmt); stmt != "" {
			steps = append(steps, stmt)
		}
	}
	return steps
}

// version is how many migrations the tables have seen; 0 where there are no
// tables.
func (s *Store) version(ctx context.Context, q queryer) (int, error) {
	ok, err := s.dialect.hasTable(ctx, s, q, "meta")
	if err != nil || !ok {
		return 0, err
	}
	text, err := s.meta(ctx, q, "schema")
	if err != nil || text == "" {
		return 0, err
	}
	version, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("the version of the tables is %q", text)
	}
	return version, nil
}

// migrate brings the tables up to the newest version. Nobody may be writing
// meanwhile.
func (s *Store) migrate(ctx context.Context, steps []migration) error {
	types := s.dialect.types()
	return s.dialect.creating(ctx, s, func(tx execer) error {
		version, err := s.version(ctx, tx)
		if err != nil {
			return err
		}
		if version > 0 && version < len(steps) {
			if _, err := s.lockLease(ctx, tx, ""); err != nil {
				return err
			}
		}
		for ; version < len(steps); version++ {
			for _, stmt := range steps[version] {
				if err := s.execStep(ctx, tx, types.Replace(stmt)); err != nil {
					return fmt.Errorf("bring the tables to version %d: %w", version+1, err)
				}
			}
			if version == 0 {
				if err := s.seed(ctx, tx); err != nil {
					return err
				}
			}
			if err := s.setMeta(ctx, tx, "schema", strconv.Itoa(version+1)); err != nil {
				return err
			}
		}
		return nil
	})
}

// execStep runs one statement. CREATE INDEX name ON @table (column) is left
// to the dialect, for MySQL has no IF NOT EXISTS there; and ALTER TABLE @table
// ADD COLUMN is left out where the column is there.
func (s *Store) execStep(ctx context.Context, tx execer, stmt string) error {
	if rest, ok := strings.CutPrefix(stmt, "CREATE INDEX "); ok {
		var name, table, column string
		rest = strings.NewReplacer("(", "", ")", "", "@", "").Replace(rest)
		if _, err := fmt.Sscanf(rest, "%s ON %s %s", &name, &table, &column); err != nil {
			return fmt.Errorf("%q: %w", stmt, err)
		}
		return s.dialect.createIndex(ctx, s, tx, name, table, column)
	}
	if rest, ok := strings.CutPrefix(stmt, "ALTER TABLE "); ok {
		table, rest, _ := strings.Cut(rest, " ADD COLUMN ")
		column, _, _ := strings.Cut(rest, " ")
		there, err := s.hasColumn(ctx, tx, table, column)
		if err != nil || there {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, s.sql(stmt))
	return err
}

func (s *Store) hasColumn(ctx context.Context, tx execer, table, column string) (bool, error) {
	rows, err := tx.QueryxContext(ctx, s.sql("SELECT * FROM "+table+" WHERE 1 = 0"))
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	return slices.Contains(columns, column), errors.Join(err, rows.Err())
}

// seed writes the rows that are always there, where they are not.
func (s *Store) seed(ctx context.Context, tx execer) error {
	var n int
	if err := tx.GetContext(ctx, &n, s.sql("SELECT COUNT(*) FROM @meta WHERE name = 'head'")); err != nil {
		return err
	}
	if n == 0 {
		for _, m := range [...][2]string{{"head", "0"}, {"serial", "0"}, {"environment", ""}} {
			if err := s.setMeta(ctx, tx, m[0], m[1]); err != nil {
				return err
			}
		}
	}
	if err := tx.GetContext(ctx, &n, s.sql("SELECT COUNT(*) FROM @lease")); err != nil || n > 0 {
		return err
	}
	_, err := tx.ExecContext(ctx, s.sql("INSERT INTO @lease (one, holder, place, what, token, since, expires) VALUES (1, '', '', '', 0, 0, 0)"))
	return err
}

// meta reads a value of xwalk_meta; one that is not there is empty.
func (s *Store) meta(ctx context.Context, q queryer, name string) (string, error) {
	var value string
	err := q.GetContext(ctx, &value, s.sql("SELECT value FROM @meta WHERE name = ?"), name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// lockMeta locks a row of xwalk_meta until the end of tx.
func (s *Store) lockMeta(ctx context.Context, tx queryer, name string) error {
	var value string
	return tx.GetContext(ctx, &value, s.sql("SELECT value FROM @meta WHERE name = ?"+s.dialect.lockRow(true)), name)
}

// setMeta writes a value of xwalk_meta.
func (s *Store) setMeta(ctx context.Context, tx execer, name, value string) error {
	var n int
	if err := tx.GetContext(ctx, &n, s.sql("SELECT COUNT(*) FROM @meta WHERE name = ?"), name); err != nil {
		return err
	}
	query := "INSERT INTO @meta (value, name) VALUES (?, ?)"
	if n > 0 {
		query = "UPDATE @meta SET value = ? WHERE name = ?"
	}
	_, err := tx.ExecContext(ctx, s.sql(query), value, name)
	return err
}

// metaNumber reads a value of xwalk_meta that is a number.
func (s *Store) metaNumber(ctx context.Context, q queryer, name string) (int64, error) {
	text, err := s.meta(ctx, q, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s of the crosswalk is %q", name, text)
	}
	return n, nil
}
