package main

import "github.com/urfave/cli/v2"

func retireCommand(_ *env) *cli.Command {
	return &cli.Command{Name: "retire", Hidden: true, Action: func(*cli.Context) error { return usage("xwalk retire is not in this version yet") }}
}
