package translate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// pathNode is a place in a document that leads to addressed values.
type pathNode struct {
	keys map[string]*pathNode // members of an object
	each *pathNode            // elements of an array
	ends []pathEnd            // what is addressed here
	adds []string             // members that the object gets
}

// pathEnd is the part of a field that a path addresses.
type pathEnd struct{ field, part int }

// PathError is a path, or the name of a member, that cannot be used.
type PathError struct{ reason string }

func (e *PathError) Error() string { return e.reason }

func pathError(format string, args ...any) error { return &PathError{fmt.Sprintf(format, args...)} }

// pathStep leads to a member of an object, or to every element of an array.
type pathStep struct {
	key  string
	each bool
}

// parsePath takes a path apart.
func parsePath(path string) ([]pathStep, error) {
	var steps []pathStep
	rest := path
	for first := true; ; first = false {
		if !strings.HasPrefix(rest, "[") || !first {
			key, after, err := pathKey(rest)
			if err != nil {
				return nil, pathError("path %s: %v", path, err)
			}
			steps, rest = append(steps, pathStep{key: key}), after
		}
		for strings.HasPrefix(rest, "[]") {
			steps, rest = append(steps, pathStep{each: true}), rest[2:]
		}
		switch {
		case rest == "":
			return steps, nil
		case rest[0] == '[':
			return nil, pathError("path %s: [] stands for every element of an array; there is no way to name a single one", path)
		case rest[0] != '.':
			return nil, pathError("path %s: expected . or [] before %s", path, rest)
		}
		rest = rest[1:]
	}
}

// pathKey takes the first key off a path.
func pathKey(path string) (key, rest string, err error) {
	if !strings.HasPrefix(path, `"`) {
		end := strings.IndexAny(path, `.["`)
		if end < 0 {
			end = len(path)
		}
		if end == 0 {
			return "", "", errors.New(`a key is missing; paths are written customer.id, lines[].customer_id or "a.b".c`)
		}
		return path[:end], path[end:], nil
	}
	d := json.NewDecoder(strings.NewReader(path))
	if err := d.Decode(&key); err != nil {
		return "", "", errors.New(`a key in quotes is written as JSON writes it, such as "a.b".c`)
	}
	return key, path[d.InputOffset():], nil
}

// compilePaths makes one tree of the paths of all fields.
func compilePaths(fields []Field) (*pathNode, error) {
	root := &pathNode{}
	for i, f := range fields {
		var holder *pathNode
		for part, name := range f.Names {
			steps, err := parsePath(name)
			if err != nil {
				return nil, err
			}
			if steps[0].each { // an array at the top is a list of documents
				steps = steps[1:]
			}
			above, n := (*pathNode)(nil), root
			for _, step := range steps {
				above, n = n, n.child(step)
			}
			if f.Add == "" && slices.ContainsFunc(n.ends, func(e pathEnd) bool { return fields[e.field].Add == "" }) {
				return nil, pathError("path %s is named twice", name)
			}
			n.ends = append(n.ends, pathEnd{i, part})
			if f.Add == "" && len(f.Names) == 1 {
				continue
			}
			switch {
			case f.Add == "":
				return nil, pathError("%s are the parts of one ID: the name of a member that takes the answer is missing", strings.Join(f.Names, " and "))
			case above == nil || steps[len(steps)-1].each:
				return nil, pathError("path %s ends in an array, which takes no member %s beside the old ID", name, f.Add)
			case holder != nil && holder != above:
				return nil, pathError("%s are the parts of one ID, but are not members of the same object", strings.Join(f.Names, " and "))
			}
			holder = above
		}
		if holder != nil {
			name, err := memberName(f.Add)
			if err != nil {
				return nil, err
			}
			if slices.Contains(holder.adds, name) {
				return nil, pathError("two members %s are to be added to the same object", f.Add)
			}
			holder.adds = append(holder.adds, name)
		}
	}
	return root, nil
}

// memberName is the name of a member that is added, which is written as in a
// path.
func memberName(add string) (string, error) {
	steps, err := parsePath(add)
	if err != nil || len(steps) != 1 || steps[0].each {
		return "", pathError("%s is to be added: a member of the object around the old ID, so its name is written alone, in quotes where it holds a dot", add)
	}
	return steps[0].key, nil
}

// child is the node one step further, made where it is missing.
func (n *pathNode) child(step pathStep) *pathNode {
	if step.each {
		if n.each == nil {
			n.each = &pathNode{}
		}
		return n.each
	}
	if n.keys == nil {
		n.keys = map[string]*pathNode{}
	}
	if n.keys[step.key] == nil {
		n.keys[step.key] = &pathNode{}
	}
	return n.keys[step.key]
}

// pathsOf lists the paths of the values of a document, for messages.
func pathsOf(document []byte) []string {
	var root any
	if json.Unmarshal(document, &root) != nil {
		return nil
	}
	var list []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				step := key
				if key == "" || strings.ContainsAny(key, `.["`) {
					step = strconv.Quote(key)
				}
				walk(strings.TrimPrefix(path+"."+step, "."), v[key])
			}
		case []any:
			for _, element := range v {
				walk(path+"[]", element)
			}
		default:
			if path != "" && !slices.Contains(list, path) && len(list) < 100 {
				list = append(list, path)
			}
		}
	}
	walk("", root)
	return list
}
