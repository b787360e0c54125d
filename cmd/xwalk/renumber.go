package main

import "github.com/urfave/cli/v2"

func renumberCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "renumber", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk renumber is not in this version yet") }}
}
