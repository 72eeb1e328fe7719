//! Streams that are read in a way of their own, and written as they are.

use bytes::{Buf as _, Bytes};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream, and what stands before its reader.
#[derive(Debug)]
pub(crate) struct Reading<R, S> {
    pub(crate) reader: R,
    stream: S,
}

/// How a stream is read.
pub(crate) trait Reader: Unpin {
    /// As [`AsyncRead::poll_read`].
    fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>>;
}

/// First these bytes, which were read already.
#[derive(Debug)]
pub(crate) struct Prefix(pub(crate) Bytes);

impl Reader for Prefix {
    fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return Pin::new(stream).poll_read(context, buffer);
        }
        let length = self.0.len().min(buffer.remaining());
        buffer.put_slice(self.0.get(..length).unwrap_or_default());
        self.0.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<R, S> Reading<R, S> {
    pub(crate) fn new(reader: R, stream: S) -> Self {
        Self { reader, stream }
    }
}

impl<R: Reader, S: AsyncRead + Unpin> AsyncRead for Reading<R, S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { reader, stream } = self.get_mut();
        reader.poll_read(stream, context, buffer)
    }
}

impl<R: Unpin, S: AsyncWrite + Unpin> AsyncWrite for Reading<R, S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
