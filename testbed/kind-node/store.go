package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"
)

// store has all objects of one kind, as they are in the API server.
type store struct {
	path    string
	changed chan<- struct{}

	mutex   sync.Mutex
	objects map[string]object
	synced  bool
}

// newStore begins to follow what is at path, which may be absent at first.
func newStore(api *client, path string, changed chan<- struct{}) *store {
	it := &store{path: path, changed: changed}
	go func() {
		for {
			if err := it.follow(api); err != nil && !hasStatus(err, http.StatusNotFound) {
				fmt.Printf("%s: %v\n", path, err)
			}
			time.Sleep(500 * time.Millisecond)
		}
	}()
	return it
}

// follow lists the objects, and then takes over each change until the server
// ends the watch.
func (s *store) follow(api *client) error {
	list, err := api.call(http.MethodGet, s.path, nil)
	if hasStatus(err, http.StatusNotFound) {
		s.replace(nil)
	}
	if err != nil {
		return err
	}
	s.replace(objects(list, "items"))
	query := "?"
	if strings.Contains(s.path, "?") {
		query = "&"
	}
	query += "watch=1&resourceVersion=" + text(list, "metadata", "resourceVersion")
	response, err := api.send(context.Background(), http.MethodGet, s.path+query, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for changes := json.NewDecoder(response.Body); ; {
		var change struct {
			Type   string
			Object object
		}
		if err := changes.Decode(&change); err != nil {
			return err
		}
		if change.Type == "ERROR" {
			return fmt.Errorf("the watch ended: %v", change.Object["message"])
		}
		s.take(change.Type == "DELETED", change.Object)
	}
}

func (s *store) replace(all []object) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.objects, s.synced = map[string]object{}, true
	for _, it := range all {
		s.objects[namespace(it)+"/"+name(it)] = it
	}
	s.signal()
}

func (s *store) take(gone bool, it object) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if key := namespace(it) + "/" + name(it); gone {
		delete(s.objects, key)
	} else {
		s.objects[key] = it
	}
	s.signal()
}

func (s *store) signal() {
	select {
	case s.changed <- struct{}{}:
	default: // it is known already
	}
}

// isSynced tells whether the objects have been listed.
func (s *store) isSynced() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.synced
}

// all returns the objects in the order of their names.
func (s *store) all() []object {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	keys := make([]string, 0, len(s.objects))
	for key := range s.objects {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	found := make([]object, 0, len(keys))
	for _, key := range keys {
		found = append(found, s.objects[key])
	}
	return found
}

// get returns an object by its namespace and name, or nil.
func (s *store) get(namespace, name string) object {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.objects[namespace+"/"+name]
}
