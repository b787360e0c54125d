package main

import "github.com/urfave/cli/v2"

func eraseCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "erase", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk erase is not in this version yet") }}
}
