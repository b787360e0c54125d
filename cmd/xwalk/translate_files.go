package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// textInput is the text that is read, decompressed.
type textInput struct {
	name string
	json bool
	info fs.FileInfo // nil: standard input
	mode fs.FileMode // of files that are made of it
	size int64       // on disk; 0: unknown

	raw   io.Closer // nil: there is nothing to close
	text  *bufio.Reader
	start []byte // of the text that was read, for a look at it afterwards
	more  bool   // than start was read
	disk  int64  // bytes that were read of the file
	tell  func(disk int64)
}

// peekBytes is how much is looked at to find the header.
const peekBytes = 64 << 10

// openText opens the file, or standard input, and looks at its kind.
func (e *env) openText(ctx context.Context, o *translateOptions) (*textInput, error) {
	in := &textInput{name: o.file, mode: 0o600, tell: func(int64) {}}
	var raw io.Reader
	if o.file == "" {
		in.name = "standard input"
		if e.inTerminal {
			e.tell("reading standard input; Ctrl-D ends it, Ctrl-C stops")
		}
		raw = interruptible(ctx, e.stdin)
	} else {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", o.file, errors.Unwrap(err))
		}
		in.raw, raw = f, f
		if err := in.stat(f); err != nil {
			return nil, closing(err, in)
		}
		if !in.info.Mode().IsRegular() {
			raw = interruptible(ctx, f)
		}
	}
	if err := in.decide(raw, o); err != nil {
		return nil, closing(err, in)
	}
	return in, nil
}

func (in *textInput) stat(f *os.File) (err error) {
	if in.info, err = f.Stat(); err != nil {
		return err
	}
	switch {
	case in.info.IsDir():
		return usage("%s is a folder; name a file in it", in.name)
	case in.info.Mode().IsRegular():
		in.mode, in.size = in.info.Mode().Perm(), in.info.Size()
	}
	return nil
}

// decide finds out what kind of text it is.
func (in *textInput) decide(raw io.Reader, o *translateOptions) error {
	disk := bufio.NewReaderSize(counted{raw, in}, peekBytes)
	start, err := disk.Peek(delimited.KindBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", in.name, err)
	}
	name := strings.ToLower(in.name)
	in.text = disk
	if delimited.Compressed(start) {
		text, err := delimited.Decompress(disk)
		if err != nil {
			return fmt.Errorf("open %s: %w", in.name, err)
		}
		in.text = bufio.NewReaderSize(text, peekBytes)
		if start, err = in.text.Peek(delimited.KindBytes); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", in.name, err)
		}
		name = strings.TrimSuffix(name, ".gz")
	}
	if kind := delimited.Binary(start); kind != "" {
		return usage("%s is %s, not text; save it as CSV first", in.name, kind)
	}
	in.json = o.input == "json" || o.input == "jsonl"
	for _, ending := range []string{".json", ".jsonl", ".ndjson"} {
		in.json = in.json || o.input == "" && strings.HasSuffix(name, ending)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte(delimited.BOM)), " \t\r\n")
	if o.input == "" && !in.json && (bytes.HasPrefix(text, []byte(`{"`)) || bytes.HasPrefix(text, []byte(`[{`))) {
		return usage("%s looks like JSON: --input jsonl reads it as such, --input csv as CSV all the same", in.name)
	}
	if in.json && o.comma != 0 {
		return usage("--delimiter is for CSV; %s is read as JSON", in.name)
	}
	return nil
}

// header reads the names of the columns. Their text is read all the same.
func (in *textInput) header(o delimited.Options) ([]string, error) {
	var seen bytes.Buffer
	names, err := delimited.Header(io.TeeReader(in.text, &seen), in.name, o)
	in.text = bufio.NewReaderSize(io.MultiReader(&seen, in.text), peekBytes)
	return names, err
}

// Read reads the text and remembers its start.
func (in *textInput) Read(p []byte) (int, error) {
	n, err := in.text.Read(p)
	room := translate.MentionBytes - len(in.start)
	in.start = append(in.start, p[:min(n, room)]...)
	in.more = in.more || n > room
	return n, err
}

// Close closes the file.
func (in *textInput) Close() error {
	if in.raw == nil {
		return nil
	}
	return in.raw.Close()
}

// counted tells how much of a file was read.
type counted struct {
	io.Reader
	in *textInput
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.in.disk += int64(n)
	c.in.tell(c.in.disk)
	return n, err
}

// compressing has write write to w, compressed where the name asks for it.
func compressing(name string, w io.Writer, write func(io.Writer) error) error {
	if !strings.HasSuffix(strings.ToLower(name), ".gz") {
		return write(w)
	}
	z := gzip.NewWriter(w)
	if err := write(z); err != nil {
		return err
	}
	return z.Close()
}

// interruptible reads from a pipe or a terminal, which may say nothing for
// ever: an interrupt does not wait for it.
func interruptible(ctx context.Context, src io.Reader) io.Reader {
	r := &pumped{ctx: ctx.Done(), cause: ctx.Err, full: make(chan pumpedBytes), free: make(chan []byte, 2)}
	r.free <- make([]byte, 256<<10)
	r.free <- make([]byte, 256<<10)
	go func() {
		for room := range r.free {
			n, err := src.Read(room)
			select {
			case r.full <- pumpedBytes{room[:n], err}:
			case <-r.ctx:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return r
}

// pumped hands on what a goroutine reads.
type pumped struct {
	ctx   <-chan struct{}
	cause func() error
	full  chan pumpedBytes
	free  chan []byte
	now   pumpedBytes
	at    int
}

type pumpedBytes struct {
	bytes []byte
	err   error
}

func (r *pumped) Read(p []byte) (int, error) {
	for r.at == len(r.now.bytes) {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if r.now.bytes != nil {
			r.free <- r.now.bytes[:cap(r.now.bytes)]
		}
		r.now.bytes, r.at = nil, 0
		select {
		case r.now = <-r.full:
		case <-r.ctx:
			return 0, r.cause()
		}
	}
	n := copy(p, r.now.bytes[r.at:])
	r.at += n
	return n, nil
}
