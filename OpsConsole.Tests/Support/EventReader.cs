using System.Globalization;
using System.Net;
using System.Text.Json;

namespace OpsConsole.Tests.Support;

/// <summary>What stood between two blank lines of an event stream; all null but the comment for a keep-alive.</summary>
public sealed record SentEvent(long? Id, string? Event, JsonElement? Data, string? Retry, string? Comment)
{
    public string Decision => Data!.Value.GetProperty("decision_id").GetString()!;
    public string? Outcome => Data!.Value.GetProperty("outcome").GetString();
}

/// <summary>Listens to <c>GET /api/v1/events</c> as a browser's EventSource would: remembers the last id.</summary>
public sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventReader(HttpResponseMessage response, Stream stream) => (_response, _reader) = (response, new StreamReader(stream));

    public HttpResponseMessage Response => _response;
    public long LastId { get; private set; }

    /// <summary>Opens the stream and reads its first block, which says where it begins.</summary>
    public static async Task<EventReader> OpenAsync(HttpClient client, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        if (lastEventId is { } id) request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var reader = new EventReader(response, await response.Content.ReadAsStreamAsync());
        var first = await reader.NextAsync();
        Assert.Equal(("3000", null, null), (first!.Retry, first.Event, first.Comment));
        return reader;
    }

    /// <summary>The next block, or null when the stream has ended.</summary>
    public async Task<SentEvent?> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));   // only bounds a failing test
        var block = new SentEvent(null, null, null, null, null);
        var any = false;
        while (await _reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0)
            {
                Assert.True(any, "an empty block");
                if (block.Id is { } id) LastId = id;
                return block;
            }
            any = true;
            var (name, value) = line.StartsWith(':') ? ("", line[1..].TrimStart()) : (line[..line.IndexOf(": ", StringComparison.Ordinal)], line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            block = name switch
            {
                "" => block with { Comment = value },
                "id" => block with { Id = long.Parse(value, CultureInfo.InvariantCulture) },
                "event" => block with { Event = value },
                "data" => block with { Data = JsonElement.Parse(value) },
                "retry" => block with { Retry = value },
                _ => throw new InvalidDataException("a line that means nothing: " + line),
            };
        }
        Assert.False(any, "the stream broke off within a block");
        return null;
    }

    /// <summary>The next so many events; keep-alives between them are passed over.</summary>
    public async Task<List<SentEvent>> TakeAsync(int count)
    {
        List<SentEvent> taken = [];
        while (taken.Count < count)
        {
            var next = await NextAsync() ?? throw new EndOfStreamException($"The stream ended after {taken.Count} of {count} events.");
            if (next.Event is not null) taken.Add(next);
        }
        return taken;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
