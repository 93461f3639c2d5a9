using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Features.Webhooks;

namespace OpsConsole.Integrations.Outbound;

/// <summary>
/// HTTP to addresses that somebody else chose. Each connection looks the name up once, refuses when any of its addresses is one that <see cref="AddressRules"/> refuses, and connects to
/// one that was checked, so that a name cannot change in between. Follows no redirect, keeps no cookie, sends no trace, bounds time and answer.
/// </summary>
/// <param name="connect">Time to connect; null: 10 seconds.</param>
/// <param name="total">Time until the answer's status is there; null: 20 seconds.</param>
/// <param name="resolve">Looks a name up; null: the machine's resolver.</param>
internal sealed class GuardedOutbound(OutboundOptions options, TimeSpan? connect = null, TimeSpan? total = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null) : IOutbound, IDisposable
{
    internal const int MostRead = 64 * 1024;
    private static readonly ProductInfoHeaderValue Agent = new("OpsConsole", "1.0");

    private readonly OutboundRules _rules = options.Rules();
    private readonly TimeSpan _total = total ?? TimeSpan.FromSeconds(20);
    private readonly Uri? _proxy = string.IsNullOrEmpty(options.Proxy) ? null : new Uri(options.Proxy);
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;
    private HttpMessageInvoker? _client;

    private HttpMessageInvoker Client => LazyInitializer.EnsureInitialized(ref _client, () => new HttpMessageInvoker(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = _proxy is not null,
        Proxy = _proxy is null ? null : new WebProxy(_proxy),
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = connect ?? TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),   // what a name means is looked at again
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = MostRead,
        ConnectCallback = ConnectAsync,
    }));

    public Result<Uri> Read(string url, string field)
    {
        var read = _rules.Read(url, field);
        if (read.Fault is not null || !IPAddress.TryParse(read.Value.IdnHost.Trim('[', ']'), out var address)) return read;
        return AddressRules.Refusal(address.GetAddressBytes(), _rules.IsAllowed(read.Value)) is { } why ? Fault.Invalid("field.invalid", $"{field} leads to {address}, which is {why}.", field) : read;
    }

    public async Task<AttemptResult> SendAsync(OutboundMessage message, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        // What was allowed when it was registered may not be any more.
        if (Read(message.To.OriginalString, "url").Fault is { } closed) return Ended(null, "Blocked: " + closed.Message);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_total);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, message.To) { Content = new ByteArrayContent(message.Body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(message.ContentType, "utf-8");
            request.Headers.UserAgent.Add(Agent);
            foreach (var (name, value) in message.Headers) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await Client.SendAsync(request, limit.Token);
            var status = (int)response.StatusCode;
            var asked = status is 429 or 503 ? response.Headers.RetryAfter : null;
            var wait = asked?.Delta ?? (asked?.Date is { } date && response.Headers.Date is { } now ? date - now : null);
            var result = Ended(status, Words(status), wait > TimeSpan.Zero ? wait : null);
            var answer = await ReadAsync(response, limit.Token);
            return message.KeepAnswer && result.Ok && answer is not null ? result with { Answer = Encoding.UTF8.GetString(answer) } : result;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return Ended(null, Why(e));
        }

        AttemptResult Ended(int? status, string says, TimeSpan? retryAfter = null) => new(status, says, retryAfter, (int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
    }

    // Also where nobody wants it: so the connection can be used again. Null: longer than is read, or it broke off.
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            var buffer = new byte[8 * 1024];
            using var all = new MemoryStream();
            for (var left = MostRead; left > 0;)
            {
                var read = await body.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, left)), ct);
                if (read == 0) return all.ToArray();
                all.Write(buffer, 0, read);
                left -= read;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // the status was there, and that is the answer
        }
        return null;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, ct);
        if (_proxy is null || !string.Equals(_proxy.IdnHost, host, StringComparison.OrdinalIgnoreCase) || _proxy.Port != port)
        {
            var allowed = context.InitialRequestMessage.RequestUri is { } uri && _rules.IsAllowed(uri);
            foreach (var address in found)
            {
                if (AddressRules.Refusal(address.GetAddressBytes(), allowed) is { } why) throw new BlockedException($"{host} leads to {address}, which is {why}.");
            }
        }
        if (found.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Words(int status) => status switch
    {
        >= 200 and < 300 => "Delivered.",
        >= 300 and < 400 => $"Answered {status}: redirects are not followed.",
        410 => "Answered 410: wants nothing more.",
        _ => $"Answered {status}.",
    };

    private string Why(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is BlockedException blocked) return "Blocked: " + blocked.Message;
        }
        return e switch
        {
            OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"No answer within {_total.TotalSeconds:0.#} seconds."),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "Its name could not be looked up.",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "No secure connection: its certificate is not one that this machine trusts.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "No connection.",
            _ => "It did not answer as HTTP asks.",
        };
    }

    public void Dispose() => _client?.Dispose();

    private sealed class BlockedException(string message) : Exception(message);
}
