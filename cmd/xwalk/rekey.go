package main

import "github.com/urfave/cli/v2"

func rekeyCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "rekey", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk rekey is not in this version yet") }}
}
