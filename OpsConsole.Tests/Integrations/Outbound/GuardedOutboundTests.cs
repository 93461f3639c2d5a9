using System.Net;
using System.Net.Sockets;
using System.Text;
using OpsConsole.Core.Webhooks;
using OpsConsole.Features.Webhooks;

namespace OpsConsole.Integrations.Outbound;

/// <summary>The door outwards against receivers that are slow, lead elsewhere, talk too much or stand where nobody may send.</summary>
public sealed class GuardedOutboundTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.7")]
    [InlineData("169.254.169.254")]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData("2606:4700::1", "::1")]
    public async Task Send_NameThatLeadsInside_IsBlocked(params string[] addresses)
    {
        using var outbound = new GuardedOutbound(new OutboundOptions(), resolve: (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray()));
        var result = await SendAsync(outbound, "https://hooks.example.com/x");
        Assert.Null(result.Status);
        Assert.StartsWith("Blocked: hooks.example.com leads to ", result.Says);
    }

    [Fact]
    public void Read_LiteralInside_IsRefusedAtOnce()
    {
        using var outbound = new GuardedOutbound(new OutboundOptions { AllowedOrigins = ["http://127.0.0.1:9"] });
        foreach (var url in (string[])["https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data"]) Assert.Equal("url", outbound.Read(url, "url").Fault?.Field);
        Assert.True(outbound.Read("https://1.1.1.1/", "url").Ok);
        Assert.True(outbound.Read("http://127.0.0.1:9/x", "url").Ok);
    }

    [Fact]
    public async Task Send_NamedOrigin_IsLookedUpOnce_AndReached()
    {
        await using var receiver = new Receiver(_ => "HTTP/1.1 204 No Content\r\n\r\n");
        var lookups = 0;
        using var outbound = new GuardedOutbound(new OutboundOptions { AllowedOrigins = [$"http://hooks.internal:{receiver.Port}"] }, resolve: (_, _) => Task.FromResult<IPAddress[]>([Interlocked.Increment(ref lookups) == 1 ? IPAddress.Loopback : IPAddress.Parse("8.8.8.8")]));
        var result = await SendAsync(outbound, $"http://hooks.internal:{receiver.Port}/a");
        Assert.Equal((204, "Delivered.", 1), (result.Status, result.Says, lookups));
        var request = Assert.Single(receiver.Requests);
        Assert.StartsWith("POST /a HTTP/1.1\r\n", request);
        Assert.Contains("webhook-id: evt_1\r\n", request);
        Assert.Contains("Content-Type: application/cloudevents+json; charset=utf-8\r\n", request);
        Assert.DoesNotContain("traceparent", request, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\n{}", request);
    }

    [Fact]
    public async Task Send_AnswerThatIsAskedFor_IsKept_UnlessItIsTooLongOrAFailure()
    {
        await using var receiver = new Receiver(r => r.StartsWith("POST /long", StringComparison.Ordinal) ? $"HTTP/1.1 200 OK\r\nContent-Length: {GuardedOutbound.MostRead + 1}\r\n\r\n{new string('x', GuardedOutbound.MostRead + 1)}"
            : $"HTTP/1.1 {(r.StartsWith("POST /bad", StringComparison.Ordinal) ? "500 Oh" : "200 OK")}\r\nContent-Length: 3\r\n\r\n{{ }}");
        using var outbound = Named(receiver);
        List<string?> kept = [];
        foreach (var (path, keep) in ((string, bool)[])[("/a", true), ("/a", false), ("/bad", true), ("/long", true)])
            kept.Add((await outbound.SendAsync(new OutboundMessage(new Uri(receiver.Url + path), "{}"u8.ToArray(), "application/json", [], keep), CancellationToken.None)).Answer);
        Assert.Equal(["{ }", null, null, null], kept);
    }

    [Fact]
    public async Task Send_Redirect_IsAFailureAndNotFollowed()
    {
        await using var receiver = new Receiver(r => r.StartsWith("POST /a", StringComparison.Ordinal) ? "HTTP/1.1 302 Found\r\nLocation: /inside\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var outbound = Named(receiver);
        var result = await SendAsync(outbound, receiver.Url + "/a");
        Assert.Equal((302, false, "Answered 302: redirects are not followed."), (result.Status, result.Ok, result.Says));
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Send_SlowReceiver_IsGivenUp()
    {
        await using var receiver = new Receiver(_ => null);
        using var outbound = Named(receiver, TimeSpan.FromMilliseconds(300));
        Assert.Equal("No answer within 0.3 seconds.", (await SendAsync(outbound, receiver.Url + "/a")).Says);
    }

    [Fact]
    public async Task Send_EndlessAnswer_IsReadNoFurtherThanItsBound()
    {
        await using var receiver = new Receiver(_ => "HTTP/1.1 200 OK\r\n\r\n", endless: true);
        using var outbound = Named(receiver);
        Assert.True((await SendAsync(outbound, receiver.Url + "/a")).Ok);
        Assert.InRange(receiver.Sent, 1, 16L * 1024 * 1024);   // what lies in the machine's buffers, not more
    }

    [Theory]
    [InlineData("429 Too Many Requests", "Retry-After: 120", 120)]
    [InlineData("503 Unavailable", "Date: Sun, 22 Nov 2026 09:00:00 GMT\r\nRetry-After: Sun, 22 Nov 2026 09:01:00 GMT", 60)]
    [InlineData("500 Broken", "Retry-After: 120", null)]
    public async Task Send_RetryAfter_IsHeardWhereTheStandardSaysSo(string status, string headers, int? seconds)
    {
        await using var receiver = new Receiver(_ => $"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: 0\r\n\r\n");
        using var outbound = Named(receiver);
        Assert.Equal(seconds, (await SendAsync(outbound, receiver.Url + "/a")).RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Send_NoHttp_NoListener_NoTls_SayWhatItIs()
    {
        await using var receiver = new Receiver(_ => "SSH-2.0-OpenSSH_9\r\n");
        using var outbound = new GuardedOutbound(new OutboundOptions { AllowedOrigins = [receiver.Url, receiver.Url.Replace("http:", "https:"), "http://127.0.0.1:1"] });
        Assert.Equal("It did not answer as HTTP asks.", (await SendAsync(outbound, receiver.Url + "/a")).Says);
        Assert.Equal("No connection.", (await SendAsync(outbound, "http://127.0.0.1:1/")).Says);
        Assert.StartsWith("No secure connection", (await SendAsync(outbound, receiver.Url.Replace("http:", "https:") + "/a")).Says);
    }

    private static GuardedOutbound Named(Receiver receiver, TimeSpan? total = null) => new(new OutboundOptions { AllowedOrigins = [receiver.Url] }, total: total);

    private static Task<AttemptResult> SendAsync(GuardedOutbound outbound, string url) => outbound.SendAsync(new OutboundMessage(new Uri(url), "{}"u8.ToArray(), "application/cloudevents+json", [new("webhook-id", "evt_1")]), CancellationToken.None);

    /// <summary>A server of its own on loopback that answers as it is told; null: never.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Func<string, string?> _answer;
        private readonly bool _endless;
        private readonly CancellationTokenSource _end = new();
        private readonly Task _serving;
        private readonly List<string> _requests = [];
        private long _sent;

        public Receiver(Func<string, string?> answer, bool endless = false)
        {
            (_answer, _endless) = (answer, endless);
            _listener.Start();
            _serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
        public string Url => $"http://127.0.0.1:{Port}";
        public IReadOnlyList<string> Requests { get { lock (_requests) return [.. _requests]; } }
        public long Sent => Interlocked.Read(ref _sent);

        private async Task ServeAsync()
        {
            List<Task> connections = [];
            try
            {
                while (true) connections.Add(OneAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (OperationCanceledException) { await Task.WhenAll(connections); }
        }

        private async Task OneAsync(TcpClient client)
        {
            using var held = client;
            try
            {
                var stream = client.GetStream();
                var (buffer, text) = (new byte[16 * 1024], "");
                while (!text.EndsWith("{}", StringComparison.Ordinal))
                {
                    var read = await stream.ReadAsync(buffer, _end.Token);
                    if (read == 0) return;
                    text += Encoding.Latin1.GetString(buffer, 0, read);
                    if (text.Length > 0 && text[0] == 22) break;   // TLS
                }
                lock (_requests) _requests.Add(text);
                if (_answer(text) is not { } answer) await Task.Delay(Timeout.Infinite, _end.Token);
                else await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _end.Token);
                while (_endless)
                {
                    await stream.WriteAsync(buffer, _end.Token);
                    Interlocked.Add(ref _sent, buffer.Length);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException) { /* the other side left, or the test is over */ }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _serving;   // before it stops listening: it may be about to accept the next
            _listener.Stop();
            _end.Dispose();
        }
    }
}
