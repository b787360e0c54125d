package main

import (
	"encoding/csv"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/gocarina/gocsv"
	"github.com/urfave/cli/v2"
)

type versionInfo struct {
	Version string `json:"version" csv:"version"`
	Commit  string `json:"commit" csv:"commit"`
	Date    string `json:"date" csv:"date"`
	Go      string `json:"go" csv:"go"`
	System  string `json:"system" csv:"system"`
}

func versionCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "which xwalk this is",
		UsageText:   "xwalk version",
		Description: "   xwalk version --format json     for programs",
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usage("version takes no arguments")
			}
			v := versionOf()
			switch e.common.format {
			case "json":
				return printJSON(e.stdout, v)
			case "csv":
				return gocsv.MarshalCSV([]versionInfo{v}, csv.NewWriter(e.stdout))
			}
			_, err := fmt.Fprintf(e.stdout, "xwalk %s (%s, %s, %s)\n", v.Version, v.Commit, v.Go, v.System)
			return err
		},
	}
}

// versionOf reads what the Go tool stamped into the binary.
func versionOf() versionInfo {
	v := versionInfo{Version: "devel", Commit: "unknown commit", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if b.Main.Version != "" && b.Main.Version != "(devel)" {
		v.Version = b.Main.Version
	}
	for _, s := range b.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Date = s.Value
		}
	}
	return v
}
