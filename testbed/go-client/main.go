// go-client shakes hands as Go programs do by default, which since Go 1.24
// includes a post-quantum key share, and prints who is there.
//
//	go-client ADDRESS HOST AUTHORITY
//
// AUTHORITY is the PEM file of the only authority believed.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go-client ADDRESS HOST AUTHORITY")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(address, host, authority string) error {
	pem, err := os.ReadFile(authority)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s holds no certificate", authority)
	}
	connection, err := tls.Dial("tcp", address, &tls.Config{ServerName: host, RootCAs: roots})
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	fmt.Println(connection.ConnectionState().PeerCertificates[0].Subject.CommonName)
	if _, err := fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host); err != nil {
		return err
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(answer)
	return err
}
