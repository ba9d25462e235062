//! A smaller allocator than the default one: `rlsf`'s TLSF answers in constant time and takes
//! 2.4 kB (brotli) less of the client than `dlmalloc`.

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
