//! The cryptography under every connection by TLS.

/// Chooses it. Whoever makes a client of their own calls this first.
pub fn prepare() {
    // Another library may have chosen before us: as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
