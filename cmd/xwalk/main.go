// Command xwalk gives every customer one number, and remembers every number
// the customer ever had.
//
// Each verb is one file here: it parses its flags, calls one function of
// package mapping and its neighbours, and prints the result. What verbs share
// is in app.go (the command line), env.go (the outside world) and exit.go
// (exit codes).
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // time zones of the configuration work on hosts that have none

	"golang.org/x/term"
)

func main() {
	if _, set := os.LookupEnv("GOGC"); !set {
		tuneGC()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the work in good order, a second one at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, &env{
		args:  os.Args[1:],
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		inTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		getenv:      os.LookupEnv,
		clock:       time.Now,
	})
	stop()
	os.Exit(code)
}
