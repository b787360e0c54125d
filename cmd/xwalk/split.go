package main

import "github.com/urfave/cli/v2"

func splitCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "split", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk split is not in this version yet") }}
}
