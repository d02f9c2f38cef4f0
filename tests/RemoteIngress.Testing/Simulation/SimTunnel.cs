using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Mux;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>One connection between an edge and a hub, from the dial to the end, with everything that travels on it.</summary>
internal sealed class SimTunnel
{
    private static readonly ScramKeyCache Keys = new();
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("secret", new byte[16]);
    private readonly SimContext _context;
    private readonly Dictionary<uint, SimConnection> _connections = [];
    private readonly HubHandshake _hubHandshake;
    private readonly List<SimConnection> _ended = [];
    private long _answersAt = long.MaxValue;
    private long _swallowedAt = long.MaxValue;
    private readonly Queue<long> _unacknowledged = [];

    internal SimTunnel(SimContext context, int number, SimKind kind, SimSlot slot)
    {
        (_context, Number, Kind, Slot) = (context, number, kind, slot);
        ToHub = new SimPipe(context.Random);
        ToEdge = new SimPipe(context.Random);
        Edge = new SimEnd(context, this, PeerRole.Edge, ToEdge, ToHub, slot.EdgeProcess);
        Hub = new SimEnd(context, this, PeerRole.Hub, ToHub, ToEdge, slot.HubProcess);
        _hubHandshake = new HubHandshake(new HubIdentity("hub", "sim/1", new DecoyKey(new byte[DecoyKey.Length])), Hub.Core);
        slot.EdgeProcess.Tunnels.Add(this);
        Hub.Begin(_hubHandshake);
        if (kind == SimKind.Hostile)
        {
            Attack();
        }
        else
        {
            var (id, secret) = (kind == SimKind.UnknownEdge ? "edge-2" : "edge-1", kind == SimKind.WrongSecret ? "wrong" : "secret");
            Edge.Begin(new EdgeHandshake(new EdgeIdentity(id, secret, "i1", "sim/1", Keys), Edge.Core));
        }
    }

    internal int Number { get; }

    internal SimContext Context => _context;

    internal SimSlot Slot { get; }

    internal SimKind Kind { get; }

    internal SimEnd Edge { get; }

    internal SimEnd Hub { get; }

    internal SimPipe ToHub { get; }

    internal SimPipe ToEdge { get; }

    internal IEnumerable<SimConnection> Connections => _connections.Values;

    /// <summary>Its network or its processes stood still: silence may be noticed.</summary>
    internal bool IsImpaired { get; set; }

    /// <summary>What the edge must take as the reason, since the hub's REJECT is all that can reach it.</summary>
    internal TunnelEndReason? RejectedFor =>
        Hub.HasSaidAll && !ToEdge.IsCut && !IsImpaired && Edge.PoisonedAt == long.MaxValue && Hub.Reason.ToRejectCode() is { } code
            ? TunnelEndReasons.FromRejectCode(code)
            : null;

    internal bool IsOver => Edge.IsGone && Hub.IsGone;

    /// <summary>Nothing is on its way and nobody holds anything back.</summary>
    internal bool IsAtRest =>
        IsOver || (Edge.IsAtRest && Hub.IsAtRest && ToHub.IsIdle && ToEdge.IsIdle && _connections.Values.All(c => c.IsAtRest));

    internal long NextEvent
    {
        get
        {
            var next = Math.Min(_answersAt, Math.Min(Edge.NextEvent, Hub.NextEvent));
            foreach (var connection in _connections.Values)
            {
                next = Math.Min(next, Math.Min(connection.AcceptsAt, connection.Client.NextDrain));
                next = Math.Min(next, connection.Target?.NextDrain ?? long.MaxValue);
            }

            return next;
        }
    }

    /// <summary>A client comes to one of the edge's ports. Null when it listens on none, or its end takes no more.</summary>
    internal SimConnection? Connect(int number)
    {
        if (Slot.EdgeProcess.AnyPort() is not { } port)
        {
            return null;
        }

        var connection = new SimConnection(this, number, port, _context.Random);
        var stream = Edge.Core.Mux.TryOpen(connection.ProxyLine, connection.Client);
        if (stream is null)
        {
            return null;
        }

        connection.Client.Stream = stream;
        _connections.Add(stream.Id, connection);
        return connection;
    }

    internal bool Turn()
    {
        var progressed = _context.Chance(2) ? Edge.Turn() | Hub.Turn() : Hub.Turn() | Edge.Turn();
        if (_answersAt <= _context.Now)
        {
            _answersAt = long.MaxValue;
            Answer();
            progressed = true;
        }

        // Callbacks add no connection to this tunnel while it is enumerated: only resets of tunnels do, and those come from turns.
        foreach (var connection in _connections.Values)
        {
            progressed |= connection.Client.Drain(_context.Now) | (connection.Target?.Drain(_context.Now) ?? false);
            if (connection.AcceptsAt <= _context.Now)
            {
                connection.Accept();
                progressed = true;
            }
        }

        return progressed;
    }

    internal void Check()
    {
        Edge.Check();
        Hub.Check();
        Require(Kind is SimKind.Honest or SimKind.LateRegistry || !(Edge.Core.IsAuthenticated || Hub.Core.IsAuthenticated), $"tunnel {Number} of a {Kind} was authenticated");
        Require(!Edge.Core.IsAuthenticated || Hub.Core.IsAuthenticated, $"tunnel {Number}: only the edge is authenticated");
        CheckSilenceIsNoticed();
        foreach (var connection in _connections.Values)
        {
            connection.CheckSums();
            Edge.CheckAccounts(connection.Client.Stream, connection.Client);
            if (connection.Target is { } target)
            {
                Hub.CheckAccounts(target.Stream, target);
                CheckPair(connection.Client.Stream, target.Stream);
            }

            if (connection.IsOver)
            {
                _ended.Add(connection);
            }
        }

        Edge.CheckSums();
        Hub.CheckSums();
        Bury();
    }

    /// <summary>Nothing is under way any more: what both ends know must agree.</summary>
    internal void CheckAtRest()
    {
        Require(Edge.IsReady == Hub.IsReady, $"tunnel {Number}: one end lives alone ({Edge.Reason}/{Hub.Reason})");
        if (!Edge.IsReady)
        {
            Require(IsOver, $"tunnel {Number}: neither ready nor over");
            return;
        }

        Require(_unacknowledged.Count == 0, $"tunnel {Number}: {_unacknowledged.Count} CONFIGs are not acknowledged");
        Require(Edge.Core.Mux.StreamCount == Hub.Core.Mux.StreamCount, $"tunnel {Number}: {Edge.Core.Mux.StreamCount} streams at the edge, {Hub.Core.Mux.StreamCount} at the hub");
        foreach (var connection in _connections.Values)
        {
            var (client, target) = (connection.Client, connection.Target);
            Require(Slot.EdgeProcess.Listens(connection.Port), $"connection {connection.Number} lives on port {connection.Port}, which was removed");
            Require(target is not null, $"connection {connection.Number} never reached the hub");
            Require(!client.WantsToSend && !target!.WantsToSend, $"connection {connection.Number}: a sender was forgotten");
            Require(client.Sent == target!.Received && target.Sent == client.Received, $"connection {connection.Number} lost bytes");
            Require(client.EndSent == target.EndReceived && target.EndSent == client.EndReceived, $"connection {connection.Number} lost an end");
            Require(client.Unread + target.Unread == 0 && client.IsOpened == target.IsOpened, $"connection {connection.Number} is not at rest");
        }
    }

    /// <summary>The hub sends what the registry wants now, or, since hubs hear of it one after the other, an older state.</summary>
    internal void Reconfigure(int filler)
    {
        var ports = Enumerable.Range(1, SimProcess.Ports).Where(_ => _context.Random.Next(4) > 0);
        var generation = _context.Generation > 1 && _context.Chance(4) ? _context.Random.Next(1, _context.Generation) : ++_context.Generation;
        _unacknowledged.Enqueue(generation);
        var snapshot = new EdgeSnapshot { Generation = generation, ListenPorts = [.. ports, .. Enumerable.Range(1000, filler)] };
        Hub.Core.Send(FrameType.Config, ControlCodec.Encode(snapshot));
    }

    internal void CloseRemovedPorts()
    {
        foreach (var connection in _connections.Values.Where(connection => !Slot.EdgeProcess.Listens(connection.Port)).ToList())
        {
            connection.WhenReset = null;
            connection.Client.Reset(StreamEndReason.PortRemoved);
        }
    }

    internal void Swallow()
    {
        IsImpaired = true;
        _swallowedAt = _context.Now;
        ToHub.Swallow();
        ToEdge.Swallow();
    }

    /// <summary>The clock jumped for everybody: time that passed for nobody does not count.</summary>
    internal void OnClockJump() => _swallowedAt = _swallowedAt == long.MaxValue ? _swallowedAt : _context.Now;

    internal void OnHello()
    {
        _answersAt = Kind switch
        {
            SimKind.MuteRegistry => long.MaxValue,
            SimKind.LateRegistry => _context.Now + _context.Random.Next(5_000_000),
            _ => _context.Chance(2) ? _context.Now : _context.Now + _context.Random.Next(50_000),
        };
        if (_answersAt == _context.Now && _context.Chance(2))
        {
            _answersAt = long.MaxValue;
            Answer();
        }
    }

    internal void OnAuthenticated(PeerRole role)
    {
        if (role == PeerRole.Hub)
        {
            Reconfigure(filler: 0);
        }
    }

    internal void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload)
    {
        Require(_connections.TryGetValue(stream.Id, out var connection), $"tunnel {Number}: nobody opened stream {stream.Id}");
        connection!.OnOpen(stream, payload, _context.Now);
    }

    internal void OnControl(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (type == FrameType.Config)
        {
            Require(ControlCodec.TryDecode<EdgeSnapshot>(payload, out var snapshot, out var error), $"tunnel {Number}: {error}");
            Slot.EdgeProcess.Apply(snapshot!);
            Edge.Core.Send(FrameType.ConfigAck, ControlCodec.Encode(new ConfigAck { Generation = Slot.EdgeProcess.Generation }));
        }
        else
        {
            Require(ControlCodec.TryDecode<ConfigAck>(payload, out var acknowledgement, out var error), $"tunnel {Number}: {error}");
            Require(_unacknowledged.TryDequeue(out var sent) && acknowledgement!.Generation >= sent, $"tunnel {Number}: {acknowledgement!.Generation} acknowledged for {sent}");
        }
    }

    private void Answer() => _hubHandshake.Answer(Kind switch
    {
        SimKind.UnknownEdge => EdgeLookup.Unknown,
        SimKind.RegistryDown => EdgeLookup.Unavailable,
        _ => EdgeLookup.Found([Verifier]),
    });

    private void Attack()
    {
        Edge.Abandon();
        foreach (var bytes in SimAttack.Create(_context.Random))
        {
            ToHub.Write(bytes, _context.Now);
        }
    }

    private void CheckSilenceIsNoticed()
    {
        var isDue = _swallowedAt < _context.Now - 25_000_000;
        Require(!isDue || (Edge.Core.IsClosed && Hub.Core.IsClosed) || Edge.SuspendedUntil > _swallowedAt || Hub.SuspendedUntil > _swallowedAt, $"tunnel {Number} is dead for 25 s and nobody noticed");
    }

    // Neither side may believe that the other has less than it has.
    private void CheckPair(MuxStream client, MuxStream target)
    {
        var live = !client.IsEnded && !target.IsEnded;
        Require(!live || (client.Outstanding >= target.ReceiveWindow.Outstanding && target.Outstanding >= client.ReceiveWindow.Outstanding), $"tunnel {Number}: more waits on stream {client.Id} than its sender believes");
    }

    private void Bury()
    {
        if (_ended.Count == 0)
        {
            return;
        }

        foreach (var connection in _ended)
        {
            connection.CheckEnd();
            connection.Client.CallAfterEnd();
            connection.Target?.CallAfterEnd();
            _connections.Remove(connection.Client.Stream.Id);
        }

        _ended.Clear();
    }
}
