// Package traefik_plugin_rewrite_response_headers stands in for the plug-in of
// that name: it takes the same options and does what the sandbox needs of it.
// It tells nothing about the plug-in's own code.
package traefik_plugin_rewrite_response_headers

import (
	"context"
	"net/http"
	"regexp"
)

// Rewrite replaces what matches Regex in the values of Header.
type Rewrite struct {
	Header      string `json:"header,omitempty"`
	Regex       string `json:"regex,omitempty"`
	Replacement string `json:"replacement,omitempty"`
}

// Config is what the middleware is given.
type Config struct {
	Rewrites []Rewrite `json:"rewrites,omitempty"`
}

// CreateConfig returns the defaults.
func CreateConfig() *Config { return &Config{} }

type handler struct {
	next     http.Handler
	rewrites []Rewrite
	patterns []*regexp.Regexp
}

// New reads the configuration.
func New(_ context.Context, next http.Handler, config *Config, _ string) (http.Handler, error) {
	made := &handler{next: next, rewrites: config.Rewrites}
	for _, rewrite := range config.Rewrites {
		pattern, err := regexp.Compile(rewrite.Regex)
		if err != nil {
			return nil, err
		}
		made.patterns = append(made.patterns, pattern)
	}
	return made, nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.next.ServeHTTP(&rewriter{ResponseWriter: w, handler: h}, r)
}

// rewriter changes the headers before they are sent.
type rewriter struct {
	http.ResponseWriter
	handler *handler
	sent    bool
}

func (w *rewriter) WriteHeader(status int) {
	w.sent = true
	for i, rewrite := range w.handler.rewrites {
		values := w.Header().Values(rewrite.Header)
		for j, value := range values {
			values[j] = w.handler.patterns[i].ReplaceAllString(value, rewrite.Replacement)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *rewriter) Write(part []byte) (int, error) {
	if !w.sent {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(part)
}
