package main

import "github.com/urfave/cli/v2"

func verifyCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "verify", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk verify is not in this version yet") }}
}
