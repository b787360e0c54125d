package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
)

// archiveJSON is what an archive holds, for programs.
type archiveJSON struct {
	Archive     string `json:"archive" csv:"archive"`
	Environment string `json:"environment" csv:"environment"`
	Run         int64  `json:"run" csv:"run"`
	Serial      int64  `json:"serial" csv:"serial"`
	Digest      string `json:"digest" csv:"digest"`
	Links       int64  `json:"links" csv:"links"`
	Past        int64  `json:"past" csv:"past"`
	Decisions   int64  `json:"decisions" csv:"decisions"`
	Rows        int64  `json:"rows" csv:"rows"`
}

func archiveOf(path string, m *archive.Manifest) archiveJSON {
	a := archiveJSON{Archive: path, Environment: m.Environment, Run: m.Run, Serial: m.Serial, Digest: m.Digest}
	for _, t := range m.Tables {
		switch t.Name {
		case "link":
			a.Links = t.Rows
		case "link_past":
			a.Past = t.Rows
		case "decision":
			a.Decisions = t.Rows
		}
		a.Rows += t.Rows
	}
	return a
}

// exportArchive writes the whole crosswalk to a file, or to standard output,
// where nothing else is printed then.
func (e *env) exportArchive(ctx context.Context, path string) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	snap, done, err := e.openReadOnly(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	progress := e.progress()
	var m *archive.Manifest
	write := func(w io.Writer) (err error) {
		m, err = snap.WriteArchive(ctx, w, func(rows int64) { progress.Tell("archiving", rows, 0) })
		return err
	}
	if path == "-" {
		err = write(e.stdout)
	} else {
		err = writeFile(path, write)
	}
	progress.Done()
	if err != nil || path == "-" {
		return err
	}
	return e.printArchive("Archived", archiveOf(path, m))
}

// importArchive loads an archive into the crosswalk, which must be empty. All
// of it is looked at before anything is written.
func (e *env) importArchive(ctx context.Context, path string) error {
	f, err := e.load()
	if err != nil {
		return err
	}
	environment, err := f.Environment()
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	a, err := openArchive(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	progress := e.progress()
	err = migrate.Load(ctx, a, func() (*crosswalk.Store, error) { return e.openStore(ctx, f) },
		migrate.Options{Environment: environment, Progress: tellProgress(progress)})
	progress.Done()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return e.printArchive("Loaded", archiveOf(path, &a.Manifest))
}

// openArchive opens an archive. It is read twice, once to check it and once to
// load it, so that a pipe will not do.
func openArchive(file *os.File) (*archive.Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, usage("expected a file: an archive is checked before it is loaded, and so read twice")
	}
	return archive.Open(file, info.Size())
}

func (e *env) printArchive(done string, a archiveJSON) error {
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, a)
	case "csv":
		return gocsv.MarshalCSV([]archiveJSON{a}, csv.NewWriter(e.stdout))
	}
	_, err := fmt.Fprintf(e.stdout, "%s %s: %s with %s of their past, %s, %s; the last run is %d, serial %d.\n", done, a.Archive,
		count(a.Links, "link"), count(a.Past, "version"), count(a.Decisions, "decision"), count(a.Rows, "row"), a.Run, a.Serial)
	return err
}
