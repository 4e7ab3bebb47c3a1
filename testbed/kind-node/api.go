package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// client talks to the API server.
type client struct {
	server string
	token  string
	http   *http.Client
}

// apiError is a refusal.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.message) }

// hasStatus tells whether the API server answered with this status.
func hasStatus(err error, status int) bool {
	var refusal *apiError
	return errors.As(err, &refusal) && refusal.status == status
}

// adminClient is a client on the control plane, with its certificate.
func adminClient() (*client, error) {
	certificate, err := tls.LoadX509KeyPair(adminCertificate, adminKey)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(authorityCertificate)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	settings := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}
	return newClient("localhost:6443", "", settings), nil
}

// tokenClient is a client on a worker. As kind has it, the token comes without
// a way to know the server.
func tokenClient(server, token string) *client {
	return newClient(server, token, &tls.Config{InsecureSkipVerify: true})
}

func newClient(server, token string, settings *tls.Config) *client {
	transport := &http.Transport{TLSClientConfig: settings, ForceAttemptHTTP2: true}
	return &client{server: "https://" + server, token: token, http: &http.Client{Transport: transport}}
}

// send makes a request; the answer is a success, and its body is to be closed.
func (c *client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "xtask-testbed-stand-in")
	request.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		request.Header.Set("Content-Type", "application/merge-patch+json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	refusal := struct{ Message string }{string(text)}
	_ = json.Unmarshal(text, &refusal)
	return nil, &apiError{response.StatusCode, refusal.Message}
}

// call makes a request and returns the answer. A patch is a merge patch.
func (c *client) call(method, path string, body any) (object, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := c.send(ctx, method, path, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var answer object
	if json.Unmarshal(text, &answer) != nil {
		return nil, nil // such as "ok"
	}
	return answer, nil
}

// create makes an object; that it is there already is no error.
func (c *client) create(path string, it object) error {
	_, err := c.call(http.MethodPost, path, it)
	if hasStatus(err, http.StatusConflict) {
		return nil
	}
	return err
}

// remove deletes an object, at once; that it is gone already is no error.
func (c *client) remove(path string) error {
	_, err := c.call(http.MethodDelete, path, object{"gracePeriodSeconds": 0, "propagationPolicy": "Background"})
	if hasStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// patchUnchanged patches an object unless it is no longer as it was read.
func (c *client) patchUnchanged(path string, read, patch object) error {
	metadata, _ := patch["metadata"].(object)
	if metadata == nil {
		metadata = object{}
		patch["metadata"] = metadata
	}
	metadata["resourceVersion"] = text(read, "metadata", "resourceVersion")
	_, err := c.call(http.MethodPatch, path, patch)
	return err
}

// report patches the status of an object where it differs.
func (c *client) report(path string, it, status object) error {
	if contains(it["status"], decoded(status)) {
		return nil
	}
	_, err := c.call(http.MethodPatch, path+"/status", object{"status": status})
	if hasStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// ready tells whether the API server says that it is.
func (c *client) ready() bool {
	_, err := c.call(http.MethodGet, "/readyz", nil)
	return err == nil
}
