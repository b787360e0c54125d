package main

import "github.com/urfave/cli/v2"

func historyCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "history", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk history is not in this version yet") }}
}
