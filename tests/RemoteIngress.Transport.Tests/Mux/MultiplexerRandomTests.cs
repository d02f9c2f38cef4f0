using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Transport.Tests.Mux;

/// <summary>Random programs of two ends over a wire that cuts anywhere. Invariants hold after every step; a failing seed replays.</summary>
public sealed class MultiplexerRandomTests
{
    private const int Seeds = 500;
    private const int Steps = 300;

    [Fact]
    public void RandomPrograms_KeepEveryInvariant()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            try
            {
                new Program(seed).Run();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"seed {seed}: {exception.Message}", exception);
            }
        }
    }

    private sealed class Program
    {
        private readonly Random _random;
        private readonly CorePair _pair = CorePair.Authenticated();
        private readonly List<ScriptedPeer> _clients = [];
        private readonly Dictionary<uint, ScriptedPeer> _targets = [];

        internal Program(int seed)
        {
            _random = new Random(seed);
            _pair.Hub.OpenHandler = stream =>
            {
                if (_random.Next(10) == 0)
                {
                    stream.Reset(StreamEndReason.TargetRefused);
                    return;
                }

                var peer = NewPeer(SeedOfTarget(stream.Id), SeedOfClient(stream.Id));
                peer.Stream = stream;
                stream.Peer = peer;
                _targets.Add(stream.Id, peer);
            };
        }

        internal void Run()
        {
            for (var step = 0; step < Steps; step++)
            {
                Step();
                Check();
            }

            Finish();
        }

        private void Step()
        {
            _pair.Now += _random.Next(0, 20_000);
            switch (_random.Next(10))
            {
                case 0:
                    Open();
                    break;
                case 1:
                    Any(peer => Send(peer, _random.Next(0, 400_000), end: _random.Next(5) == 0));
                    break;
                case 2 or 3:
                    Any(peer => peer.Consume(_random.Next(0, 300_000)));
                    break;
                case 4:
                    Any(peer => { if (_random.Next(8) == 0) { peer.Stream.Reset(StreamEndReason.PeerReset); } });
                    break;
                case 5:
                    Any(peer => { if (_targets.ContainsValue(peer)) { peer.Stream.Opened(); } });
                    break;
                case 6:
                    _pair.FillEdge(_random.Next(5000, 300_000));
                    break;
                case 7:
                    _pair.FillHub(_random.Next(5000, 300_000));
                    break;
                case 8:
                    _pair.DeliverToHub(_random.Next(0, 200_000));
                    break;
                default:
                    _pair.DeliverToEdge(_random.Next(0, 200_000));
                    break;
            }
        }

        // A target that has not accepted has nothing to say.
        private void Send(ScriptedPeer peer, int count, bool end)
        {
            if (!_targets.ContainsValue(peer) || peer.Stream.IsOpened)
            {
                peer.Send(count, end);
            }
        }

        private void Open()
        {
            var id = (uint)_clients.Count + 1;
            var peer = NewPeer(SeedOfClient(id), SeedOfTarget(id));
            peer.Stream = _pair.Edge.Core.Mux.TryOpen("PROXY UNKNOWN\r\n"u8, peer)!;
            Assert.Equal(id, peer.Stream.Id);
            _clients.Add(peer);
        }

        private void Any(Action<ScriptedPeer> action)
        {
            var live = _clients.Concat(_targets.Values).Where(peer => !peer.Stream.IsEnded && !peer.WantsToSend && !peer.Stream.NearEnded).ToList();
            if (live.Count > 0)
            {
                action(live[_random.Next(live.Count)]);
            }

            foreach (var peer in _clients.Concat(_targets.Values).Where(_ => _random.Next(3) == 0))
            {
                peer.Consume(_random.Next(0, 300_000));
            }
        }

        private void Check()
        {
            foreach (var end in new[] { _pair.Edge, _pair.Hub })
            {
                Assert.Empty(end.Closed);
                Assert.Equal(end.Core.Mux.StreamCount, end.Core.Mux.Opened - end.Core.Mux.Ended);
                Assert.Equal(end.Core.Mux.Ended, end.StreamsEnded.Count);
                Assert.Equal(end.Core.Mux.StreamCount, end.Core.Mux.Windows.Streams);
            }

            foreach (var peer in _clients.Concat(_targets.Values))
            {
                Assert.Equal(-1, peer.Corrupt);
                Assert.InRange(peer.EndCalls, 0, 1);
                Assert.InRange(peer.Unread, 0, FrameLimits.MaxWindow);
                Assert.InRange(peer.Stream.Outstanding, 0, FrameLimits.MaxWindow);
            }
        }

        // Lets everything flow: what was sent on streams that were not reset must have arrived.
        private void Finish()
        {
            // OPENs may still be under way, so more peers may come.
            _pair.Pump();
            List<ScriptedPeer> all = [.. _clients, .. _targets.Values];
            while (all.Exists(peer => peer.Unread > 0))
            {
                all.ForEach(peer => peer.Consume(int.MaxValue));
                _pair.Pump();
            }

            Check();
            Assert.Equal(_pair.Edge.Core.Mux.StreamCount, _pair.Hub.Core.Mux.StreamCount);
            foreach (var (id, target) in _targets)
            {
                var client = _clients[(int)id - 1];
                Assert.True(target.Received <= client.Sent && client.Received <= target.Sent);
                if (!IsReset(client) && !IsReset(target))
                {
                    Assert.Equal((client.Sent, target.Sent), (target.Received, client.Received));
                    Assert.False(client.WantsToSend || target.WantsToSend, "a sender was forgotten");
                    Assert.Equal(client.Stream.NearEnded, target.EndCalls == 1);
                    Assert.Equal(client.Stream.IsEnded, target.Stream.IsEnded);
                    Assert.Equal(target.Stream.IsOpened, client.OpenedCalls == 1);
                }
            }

            _pair.Hub.Core.Close(TunnelEndReason.Shutdown, "done");
            _pair.Edge.Core.Close(TunnelEndReason.Shutdown, "done");
            Assert.Equal(_pair.Edge.Core.Mux.Opened, _pair.Edge.Core.Mux.Ended);
            foreach (var mux in new[] { _pair.Hub.Core.Mux, _pair.Edge.Core.Mux })
            {
                Assert.Equal((0, 0, 0, 0), (mux.Sending.Outstanding, mux.Sending.Parked, mux.Receiving.Outstanding, mux.Holdings.Held));
            }
        }

        private static bool IsReset(ScriptedPeer peer) =>
            peer.Stream is { IsEnded: true } stream && !(stream.NearEnded && stream.FarEnded);

        private ScriptedPeer NewPeer(int sendSeed, int receiveSeed) => new(sendSeed, receiveSeed)
        {
            ConsumesAtOnce = _random.Next(2) == 0,
            LargestPull = _random.Next(2) == 0 ? int.MaxValue : _random.Next(1, 100_000),
        };

        private static int SeedOfClient(uint id) => (int)id * 2;

        private static int SeedOfTarget(uint id) => ((int)id * 2) + 1;
    }
}
