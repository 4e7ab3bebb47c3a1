package main

import "encoding/json"

// object is a Kubernetes object as JSON has it.
type object = map[string]any

// field returns what is at a path of names, or nil.
func field(value any, path ...string) any {
	for _, name := range path {
		fields, ok := value.(object)
		if !ok {
			return nil
		}
		value = fields[name]
	}
	return value
}

// text returns the string at a path, or none.
func text(value any, path ...string) string {
	found, _ := field(value, path...).(string)
	return found
}

// number returns the whole number at a path, or fallback.
func number(value any, fallback int, path ...string) int {
	if found, ok := field(value, path...).(float64); ok {
		return int(found)
	}
	return fallback
}

// objects returns the list of objects at a path.
func objects(value any, path ...string) []object {
	list, _ := field(value, path...).([]any)
	var found []object
	for _, entry := range list {
		if entry, ok := entry.(object); ok {
			found = append(found, entry)
		}
	}
	return found
}

// texts returns the list of strings at a path.
func texts(value any, path ...string) []string {
	list, _ := field(value, path...).([]any)
	var found []string
	for _, entry := range list {
		if entry, ok := entry.(string); ok {
			found = append(found, entry)
		}
	}
	return found
}

func name(it object) string      { return text(it, "metadata", "name") }
func namespace(it object) string { return text(it, "metadata", "namespace") }
func uid(it object) string       { return text(it, "metadata", "uid") }

// ending tells whether it has been deleted and is there still.
func ending(it object) bool { return text(it, "metadata", "deletionTimestamp") != "" }

// owner returns the reference to the controller of an object.
func owner(it object) object {
	for _, reference := range objects(it, "metadata", "ownerReferences") {
		if reference["controller"] == true {
			return reference
		}
	}
	return nil
}

// ownedBy makes the owner references of what a controller makes.
func ownedBy(it object, kind string) []any {
	return []any{object{
		"apiVersion": "apps/v1", "kind": kind, "name": name(it), "uid": uid(it),
		"controller": true, "blockOwnerDeletion": true,
	}}
}

// decoded returns a value as it would come from the API server.
func decoded(value any) any {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // it is made of plain values
	}
	var found any
	if err := json.Unmarshal(content, &found); err != nil {
		panic(err)
	}
	return found
}

// contains tells whether whole has every field of part, with the same value.
// Lists are compared as they are.
func contains(whole, part any) bool {
	switch part := part.(type) {
	case object:
		fields, ok := whole.(object)
		for name, value := range part {
			if !ok || !contains(fields[name], value) {
				return false
			}
		}
		return true
	case []any:
		list, ok := whole.([]any)
		if !ok || len(list) != len(part) {
			return false
		}
		for index := range part {
			if !contains(list[index], part[index]) {
				return false
			}
		}
		return true
	default:
		return whole == part
	}
}
