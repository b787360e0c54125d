// Package discover looks at files and databases that nobody has described
// yet: it finds what there is to read, tells what the columns hold, and
// writes an xwalk.yaml that says so.
//
// [Find] turns what stands on a command line (paths, patterns, folders,
// addresses of databases) into places to read.
package discover
