package main

import "github.com/urfave/cli/v2"

func approveCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "approve", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk approve is not in this version yet") }}
}
