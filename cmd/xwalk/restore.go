package main

import "github.com/urfave/cli/v2"

func restoreCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "restore", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk restore is not in this version yet") }}
}
