package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"time"
)

const (
	pki                  = "/etc/kubernetes/pki/"
	authorityCertificate = pki + "ca.crt"
	authorityKey         = pki + "ca.key"
	serverCertificate    = pki + "apiserver.crt"
	serverKey            = pki + "apiserver.key"
	adminCertificate     = pki + "admin.crt"
	adminKey             = pki + "admin.key"
	accountKey           = pki + "sa.key"
	accountPublicKey     = pki + "sa.pub"

	validity = 365 * 24 * time.Hour
)

// makeAuthority makes the authority, the administrator's certificate, and the
// keys for tokens of service accounts.
func makeAuthority() error {
	if err := os.MkdirAll(pki, 0o700); err != nil {
		return err
	}
	authority := certificate("kubernetes")
	authority.IsCA = true
	authority.KeyUsage |= x509.KeyUsageCertSign
	if err := issue(authority, nil, authorityCertificate, authorityKey); err != nil {
		return err
	}
	admin := certificate("kubernetes-admin", "system:masters")
	admin.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if err := issueByAuthority(admin, adminCertificate, adminKey); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writeFile(accountPublicKey, encode("PUBLIC KEY", public)); err != nil {
		return err
	}
	return writeKey(accountKey, key)
}

// ensureServerCertificate issues the API server's certificate, unless there is
// one for all of these names and addresses.
func ensureServerCertificate(names []string, addresses []netip.Addr) error {
	if pair, err := tls.LoadX509KeyPair(serverCertificate, serverKey); err == nil {
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err == nil && isFor(leaf, names, addresses) {
			return nil
		}
	}
	server := certificate("kube-apiserver")
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = names
	for _, address := range addresses {
		server.IPAddresses = append(server.IPAddresses, net.IP(address.AsSlice()))
	}
	return issueByAuthority(server, serverCertificate, serverKey)
}

func isFor(leaf *x509.Certificate, names []string, addresses []netip.Addr) bool {
	for _, name := range names {
		if leaf.VerifyHostname(name) != nil {
			return false
		}
	}
	for _, address := range addresses {
		if leaf.VerifyHostname(address.String()) != nil {
			return false
		}
	}
	return true
}

func certificate(name string, groups ...string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name, Organization: groups},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
	}
}

func issueByAuthority(it *x509.Certificate, certificatePath, keyPath string) error {
	authority, err := tls.LoadX509KeyPair(authorityCertificate, authorityKey)
	if err != nil {
		return err
	}
	return issue(it, &authority, certificatePath, keyPath)
}

// issue signs by the authority, or, without one, by itself.
func issue(it *x509.Certificate, authority *tls.Certificate, certificatePath, keyPath string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	issuer, signer := it, any(key)
	if authority != nil {
		signer = authority.PrivateKey
		if issuer, err = x509.ParseCertificate(authority.Certificate[0]); err != nil {
			return err
		}
	}
	signed, err := x509.CreateCertificate(rand.Reader, it, issuer, key.Public(), signer)
	if err != nil {
		return err
	}
	if err := writeKey(keyPath, key); err != nil {
		return err
	}
	return writeFile(certificatePath, encode("CERTIFICATE", signed))
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	content, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(path, encode("EC PRIVATE KEY", content))
}

func encode(kind string, content []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
}
