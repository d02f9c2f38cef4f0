using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tunnels;

internal sealed partial class Tunnel
{
    private bool HasUnsent => _unsentEnd > 0;

    /// <summary>Gets out what waits, then one batch more.</summary>
    private void Send()
    {
        SendUnsent();
        SendWire();
        if (HasUnsent || !_isHandshakeStarted || !Core.HasOutput || _tls!.State != TlsState.Open)
        {
            return;
        }

        var batch = _loop.Buffers.Batch;
        var length = Core.Fill(batch, _loop.Now);
        if (length > 0)
        {
            _tls.Write(batch.AsMemory(0, length));
            SendWire();
        }

        if (_tls.State == TlsState.Failed)
        {
            Core.Close(TunnelEndReason.TlsFailed, _tls.Error);
        }
    }

    private void SendWire()
    {
        if (_wireLength == 0)
        {
            return;
        }

        var wire = _loop.Buffers.Wire.AsSpan(0, _wireLength);
        _wireLength = 0;
        var sent = SendAll(wire);
        if (sent < wire.Length)
        {
            Keep(wire[sent..]);
        }
    }

    private void SendUnsent()
    {
        if (!HasUnsent)
        {
            return;
        }

        var sent = SendAll(_unsent.AsSpan(_unsentStart, _unsentEnd - _unsentStart));
        _loop.Usage.AddBuffered(-sent);
        _unsentStart += sent;
        if (_unsentStart == _unsentEnd)
        {
            FreeUnsent();
        }
    }

    private int SendAll(ReadOnlySpan<byte> bytes)
    {
        var sent = 0;
        while (sent < bytes.Length)
        {
            var status = _socket.Send(bytes[sent..], out var count);
            if (status == IoStatus.Failed)
            {
                Core.Close(TunnelEndReason.ConnectionLost, "the peer is gone");
                return bytes.Length;
            }

            if (status == IoStatus.WouldBlock)
            {
                break;
            }

            sent += count;
        }

        return sent;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_unsentEnd + bytes.Length > _unsent.Length)
        {
            var waiting = _unsentEnd - _unsentStart;
            var larger = _loop.Usage.Rent(waiting + bytes.Length);
            _unsent.AsSpan(_unsentStart, waiting).CopyTo(larger);
            FreeUnsent();
            _unsent = larger;
            _unsentEnd = waiting;
            _loop.Usage.AddBuffered(waiting);
        }

        bytes.CopyTo(_unsent.AsSpan(_unsentEnd));
        _unsentEnd += bytes.Length;
        _loop.Usage.AddBuffered(bytes.Length);
    }

    private void FreeUnsent()
    {
        if (_unsent.Length > 0)
        {
            _loop.Usage.Return(_unsent);
            _loop.Usage.AddBuffered(_unsentStart - _unsentEnd);
        }

        _unsent = [];
        _unsentStart = _unsentEnd = 0;
    }

    /// <summary>After the core closed: its last frames and close_notify get <see cref="TunnelOptions.LingerTimeout"/> to leave.</summary>
    private void CloseDown()
    {
        if (_isReleased)
        {
            return;
        }

        // What cannot be encrypted any more is not waited for.
        var isDrained = !HasUnsent && (!Core.HasOutput || _tls?.State is not TlsState.Open);
        if (isDrained)
        {
            _tls?.Close();
            SendWire();
        }

        var isPeerGone = Core.EndReason is TunnelEndReason.ConnectionLost or TunnelEndReason.Closed or TunnelEndReason.PeerSilent;
        if (isPeerGone)
        {
            Release();
            return;
        }

        if (!_linger.IsArmed)
        {
            _loop.Cancel(_timer);
            _loop.ArmIn(_linger, _options.LingerTimeout);
        }

        if (isDrained && !HasUnsent)
        {
            AwaitEnd();
        }
    }

    /// <summary>
    /// FIN, then the peer's own. A close with bytes of the peer unread, or before it sent them, would be answered by RST, and that
    /// destroys what is still on its way to it: REJECT, or the last bytes of a connection that a drain had waited for.
    /// </summary>
    private void AwaitEnd()
    {
        if (!_isFinished)
        {
            _isFinished = true;
            _isReadable = true;
            _socket.ShutdownSend();
        }

        if (!_isReadable)
        {
            return;
        }

        var status = _socket.Receive(_loop.Buffers.Receive, out _);
        _isReadable = status == IoStatus.Done;
        if (status is IoStatus.EndOfStream or IoStatus.Failed)
        {
            Release();
        }
    }

    private void Release()
    {
        if (_isReleased)
        {
            return;
        }

        _isReleased = true;
        _loop.Cancel(_timer);
        _loop.Cancel(_linger);
        _loop.Unregister(_ticket);
        _socket.Close();
        _wireLength = 0;
        _tls?.Dispose();
        _wireLength = 0;
        FreeUnsent();
        Core.Dispose();
        NoteStreams(0);
        _loop.Usage.TunnelClosed();
        _released?.Invoke();
    }
}
