using System.Net;

namespace OpsConsole.Core.Webhooks;

/// <summary>When a delivery is tried again, where it may go, and what becomes of it.</summary>
public sealed class WebhookRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Next_TheStandardsTenAttempts_ThenNone()
    {
        var delays = Enumerable.Range(1, 9).Select(made => RetrySchedule.Next(made, Now, 0, null)!.Value - Now);
        Assert.Equal([TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24)], delays);
        Assert.Null(RetrySchedule.Next(10, Now, 0, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Next_ChanceAndTheReceiversWish_OnlyMakeItLater()
    {
        Assert.Equal(Now.AddSeconds(6), RetrySchedule.Next(1, Now, 1, null));
        Assert.Equal(Now.AddSeconds(6), RetrySchedule.Next(1, Now, 1, TimeSpan.FromSeconds(2)));
        Assert.Equal(Now.AddMinutes(2), RetrySchedule.Next(1, Now, 1, TimeSpan.FromMinutes(2)));
        Assert.Equal(Now.AddHours(24), RetrySchedule.Next(1, Now, 0, TimeSpan.FromDays(900)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("198.18.0.1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("febf::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:4136:e378::1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::7f00:1")]
    public void Refusal_NotAPublicAddress_IsRefused(string address) => Assert.NotNull(AddressRules.Refusal(IPAddress.Parse(address).GetAddressBytes()));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    public void Refusal_PublicAddress_IsNone(string address) => Assert.Null(AddressRules.Refusal(IPAddress.Parse(address).GetAddressBytes()));

    [Theory]
    [InlineData("10.1.2.3", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("169.254.169.254", true)]
    [InlineData("fe80::1", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("::ffff:169.254.169.254", true)]
    public void Refusal_OfANamedOrigin_StaysForMetadataAndNoHosts(string address, bool refused) => Assert.Equal(refused, AddressRules.Refusal(IPAddress.Parse(address).GetAddressBytes(), allowed: true) is not null);

    [Theory]
    [InlineData("https://example.com/hook?x=1", true)]
    [InlineData("https://example.com:443/", true)]
    [InlineData("http://hooks.internal:8080/a", true)]
    [InlineData("http://HOOKS.internal:8080/a", true)]
    [InlineData("http://hooks.internal/a", false)]
    [InlineData("https://hooks.internal:8080/a", false)]
    [InlineData("https://hooks.internal.evil.example:8080/a", false)]
    [InlineData("http://example.com/", false)]
    [InlineData("https://example.com:8443/", false)]
    [InlineData("https://user:pass@example.com/", false)]
    [InlineData("https://example.com/#x", false)]
    [InlineData("ftp://example.com/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/relative", false)]
    [InlineData("", false)]
    public void Read_Address_ByScheme_PortAndNamedOrigin(string url, bool good)
    {
        var read = new OutboundRules([443], ["http://hooks.internal:8080"]).Read(url, "url");
        Assert.Equal((good, good ? null : "url"), (read.Ok, read.Fault?.Field));
    }

    [Fact]
    public void Delivery_FailsTenTimes_IsADeadLetter_AndReplaysFromTheBeginning()
    {
        var (delivery, now) = (Delivery(), Now);
        for (var i = 1; i <= 10; i++)
        {
            Assert.True(delivery.DueAt <= now);
            delivery.Claim(now);
            Assert.Equal((i, now + WebhookDelivery.Lease), (delivery.Attempts, delivery.DueAt));
            delivery.Settle(i, Failed, now, 0);
            now = delivery.DueAt ?? now;
        }
        Assert.Equal((DeliveryState.Failed, null, "Answered 500."), (delivery.State, delivery.DueAt, delivery.Says));
        delivery.Replay(now);
        delivery.Claim(now);
        delivery.Settle(11, new AttemptResult(204, "Delivered.", null, 3), now, 0);
        Assert.Equal((DeliveryState.Delivered, null, 11, 1), (delivery.State, delivery.DueAt, delivery.Attempts, delivery.Tries));
    }

    [Fact]
    public void Settle_AnAttemptThatIsNotTheLast_CountsOnlyWhenItArrived()
    {
        var delivery = Delivery();
        delivery.Claim(Now);
        delivery.Claim(Now + WebhookDelivery.Lease);   // whoever had the first was thought dead
        var due = delivery.DueAt;
        delivery.Settle(1, Failed, Now, 0);
        Assert.Equal((DeliveryState.Waiting, due), (delivery.State, delivery.DueAt));
        delivery.Settle(1, new AttemptResult(200, "Delivered.", null, 1), Now, 0);
        delivery.Settle(2, Failed, Now, 0);
        Assert.Equal((DeliveryState.Delivered, null), (delivery.State, delivery.DueAt));
    }

    [Fact]
    public void Settle_Gone_IsTheEndAtOnce()
    {
        var delivery = Delivery();
        delivery.Claim(Now);
        delivery.Settle(1, new AttemptResult(410, "Gone.", null, 1), Now, 0);
        Assert.Equal((DeliveryState.Failed, null), (delivery.State, delivery.DueAt));
    }

    [Fact]
    public void Wants_OnlyWhatWasChosen_OfItsRollout_SinceItBegan()
    {
        var endpoint = new WebhookEndpoint("whk_1", "rol_1", "https://example.com", ["pause.changed"], MessageFormat.CloudEvents, "s", "per_1", Now);
        endpoint.Begin(10);
        Assert.True(endpoint.Wants(Pause(11, "rol_1")));
        Assert.True(endpoint.Wants(Pause(11, null)));
        Assert.False(endpoint.Wants(Pause(11, "rol_2")));
        Assert.False(endpoint.Wants(Pause(10, "rol_1")));
        Assert.False(endpoint.Wants(Occurrence.Requested(11, OpsConsole.Core.Shared.Ids.Make("apr", 11, new byte[8]), "rol_1", "agt_1", Now)));
        endpoint.End(WebhookEndpoint.ByPerson, Now);
        Assert.False(endpoint.Wants(Pause(11, "rol_1")));
    }

    private static readonly AttemptResult Failed = new(500, "Answered 500.", null, 5);
    private static Occurrence Pause(long seq, string? rollout) => new(seq, "pause.changed", "console", Now, rollout, "/", []);
    private static WebhookDelivery Delivery() => new("whd_1", new WebhookEndpoint("whk_1", "rol_1", "https://example.com", [], MessageFormat.CloudEvents, "s", "per_1", Now), "evt_1", Pause(11, null), "{}", Now);
}
