package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// file is a text file on disk that is read several times.
type file struct {
	name string // as the user named it
	path string
	size int64
	gzip bool

	mu      sync.Mutex
	charset charset.Charset // Unknown until text beyond ASCII was met
}

// openFile finds the file and looks at its kind.
func openFile(name, dir string) (*file, error) {
	if name == "" {
		return nil, errors.New("path is missing: which file is to be read?")
	}
	f := &file{name: name, path: name}
	if !filepath.IsAbs(name) {
		f.path = filepath.Join(dir, name)
	}
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(name, f.path)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", name, cause(err))
	case info.IsDir():
		return nil, fmt.Errorf("open %s: it is a folder; name a file in it", name)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("open %s: it is a pipe or a device, which can be read only once; write it to a file first", name)
	case info.Size() == 0:
		return nil, fmt.Errorf("open %s: the file is empty; a header line was expected", name)
	}
	f.size = info.Size()
	return f, f.sniff()
}

// missing names the likeliest file of the same folder.
func missing(name, path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("open %s: %w; there is no folder %s either", name, fs.ErrNotExist, filepath.Dir(name))
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() {
			files = append(files, e.Name())
		}
	}
	if near := diag.Nearest(filepath.Base(name), files); near != "" {
		return fmt.Errorf("open %s: %w; did you mean %q?", name, fs.ErrNotExist, filepath.Join(filepath.Dir(name), near))
	}
	return fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
}

// cause is err without the path, which the message has already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// sniff looks at how the file starts.
func (f *file) sniff() error {
	h, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("open %s: %w", f.name, cause(err))
	}
	defer h.Close()
	start := make([]byte, delimited.KindBytes)
	n, err := io.ReadFull(h, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read %s: %w", f.name, cause(err))
	}
	start = start[:n]
	if kind := delimited.Binary(start); kind != "" {
		return fmt.Errorf("open %s: it is %s, not text; save it as CSV first", f.name, kind)
	}
	f.gzip = delimited.Compressed(start)
	return nil
}

// head reads up to n bytes of the content. What comes before an error counts
// here; whoever reads on meets the error.
func (f *file) head(ctx context.Context, n int) ([]byte, error) {
	r, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	start := make([]byte, n)
	got, err := io.ReadFull(r, start)
	if got == 0 && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	return start[:got], ctx.Err()
}

// open starts reading the content, decompressed.
func (f *file) open(ctx context.Context) (io.ReadCloser, error) {
	h, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.name, cause(err))
	}
	c := &content{Reader: h, Closer: h, stopped: ctx.Err}
	if f.gzip {
		if c.Reader, err = delimited.Decompress(h); err != nil {
			h.Close()
			return nil, fmt.Errorf("open %s: %w", f.name, cause(err))
		}
	}
	return c, nil
}

// content is a file being read until it is told to stop.
type content struct {
	io.Reader
	io.Closer
	stopped func() error
}

func (c *content) Read(p []byte) (int, error) {
	if err := c.stopped(); err != nil {
		return 0, err
	}
	n, err := c.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = cause(err)
	}
	return n, err
}

// text reads content, which is that of f from its start, as UTF-8.
func (f *file) text(ctx context.Context, content io.Reader) io.Reader {
	return charset.NewReader(content, f.encoding(), func() (charset.Charset, error) { return f.guess(ctx) })
}

func (f *file) encoding() charset.Charset {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.charset
}

// guess finds out the encoding, once.
func (f *file) guess(ctx context.Context) (charset.Charset, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.charset != charset.Unknown {
		return f.charset, nil
	}
	r, err := f.open(ctx)
	if err != nil {
		return charset.Unknown, err
	}
	defer r.Close()
	guessed := charset.Guess(r)
	if err := ctx.Err(); err != nil {
		return charset.Unknown, err
	}
	f.charset = guessed
	return guessed, nil
}
