using System.Net;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Tunnels;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class AdmissionTests
{
    [Fact]
    public void Each_address_has_its_own_bound_and_all_share_one()
    {
        var admission = new Admission(maxTotal: 3, maxPerAddress: 2);
        var one = IPAddress.Parse("192.0.2.1");
        var two = IPAddress.Parse("192.0.2.2");

        Assert.Null(admission.TryEnter(one));
        Assert.Null(admission.TryEnter(one));
        Assert.Equal(HubLimit.UnauthenticatedPerAddress, admission.TryEnter(one));
        Assert.Null(admission.TryEnter(two));
        Assert.Equal(HubLimit.Unauthenticated, admission.TryEnter(IPAddress.Parse("192.0.2.3")));

        admission.Leave(one);
        Assert.Null(admission.TryEnter(one));
        Assert.Equal(3, admission.Total);
    }

    [Fact]
    public void All_of_an_IPv6_network_of_64_bits_count_as_one()
    {
        var admission = new Admission(maxTotal: 10, maxPerAddress: 1);

        Assert.Null(admission.TryEnter(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.NotNull(admission.TryEnter(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Null(admission.TryEnter(IPAddress.Parse("2001:db8:1:3::1")));

        admission.Leave(IPAddress.Parse("2001:db8:1:2::1"));
        Assert.Null(admission.TryEnter(IPAddress.Parse("2001:db8:1:2:ffff::9")));
    }
}
