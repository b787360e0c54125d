package main

import "github.com/urfave/cli/v2"

func mergeCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "merge", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk merge is not in this version yet") }}
}
