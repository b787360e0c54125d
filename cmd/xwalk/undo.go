package main

import "github.com/urfave/cli/v2"

func undoCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "undo", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk undo is not in this version yet") }}
}
