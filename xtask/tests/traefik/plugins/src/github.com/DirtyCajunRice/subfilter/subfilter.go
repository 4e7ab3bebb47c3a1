// Package subfilter stands in for the plug-in of that name: it takes the same
// options and does what the sandbox needs of it, so that Traefik loads and runs
// what is rendered. It tells nothing about the plug-in's own code.
package subfilter

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
)

// Filter replaces what matches Regex.
type Filter struct {
	Regex       string `json:"regex,omitempty"`
	Replacement string `json:"replacement,omitempty"`
}

// Config is what the middleware is given.
type Config struct {
	LastModified bool     `json:"lastModified,omitempty"`
	Filters      []Filter `json:"filters,omitempty"`
}

// CreateConfig returns the defaults.
func CreateConfig() *Config { return &Config{} }

type handler struct {
	next         http.Handler
	lastModified bool
	patterns     []*regexp.Regexp
	replacements [][]byte
}

// New reads the configuration.
func New(_ context.Context, next http.Handler, config *Config, _ string) (http.Handler, error) {
	made := &handler{next: next, lastModified: config.LastModified}
	for _, filter := range config.Filters {
		pattern, err := regexp.Compile(filter.Regex)
		if err != nil {
			return nil, err
		}
		made.patterns = append(made.patterns, pattern)
		made.replacements = append(made.replacements, []byte(filter.Replacement))
	}
	return made, nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	held := &held{ResponseWriter: w, status: http.StatusOK}
	h.next.ServeHTTP(held, r)
	body := held.body.Bytes()
	for i, pattern := range h.patterns {
		body = pattern.ReplaceAll(body, h.replacements[i])
	}
	if !h.lastModified {
		w.Header().Del("Last-Modified")
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(held.status)
	w.Write(body)
}

// held keeps an answer back until it is whole.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *held) WriteHeader(status int) { h.status = status }

func (h *held) Write(part []byte) (int, error) { return h.body.Write(part) }
