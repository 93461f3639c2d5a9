using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Startup;

/// <summary>A running console as a command sees it: over its API, with the token in <c>OPSCONSOLE_TOKEN</c>.</summary>
internal sealed class RemoteConsole : IDisposable
{
    public const string TokenName = "OPSCONSOLE_TOKEN";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), PrintPatience = TimeSpan.FromSeconds(150);   // a print may take a minute, and wait for its turn
    private readonly HttpClient _http;
    private readonly TimeSpan _patience;

    private RemoteConsole(HttpClient http, TimeSpan patience) => (_http, _patience) = (http, patience);

    /// <summary>A draft and the tag it must still have when it is replaced.</summary>
    internal sealed record Draft(string Rollout, string Json, string ETag);

    internal sealed record Analysis(IReadOnlyList<FindingLine> Errors, IReadOnlyList<FindingLine> Warnings);

    /// <param name="patience">How long an answer may take that is no print; by default a minute.</param>
    public static RemoteConsole Open(string url, TextWriter warnings, string? token = null, TimeSpan? patience = null)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new InvalidOperationException($"--url is '{url}'; it must be an http or https address.");
        token ??= Environment.GetEnvironmentVariable(TokenName);
        if (string.IsNullOrWhiteSpace(token)) throw new InvalidOperationException($"Put a personal token with the scope 'rollouts' (for the toolkit: 'toolkit', too) into the environment as {TokenName}.");
        if (address.Scheme == "http" && !address.IsLoopback) warnings.WriteLine("Warning: the token travels unencrypted. Use https.");
        // A redirect could lead the token to somebody else.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        return new RemoteConsole(http, patience ?? Patience);
    }

    /// <summary>The matrix as JSON; <paramref name="version"/> as in <see cref="StoredMatrix.ReadAsync"/>.</summary>
    public async Task<Result<string>> MatrixAsync(string rollout, string version)
    {
        if (version == "draft") return (await DraftAsync(rollout)).Then<string>(d => d.Json);
        var found = await RolloutAsync(rollout);
        if (found.Fault is { } unknown) return unknown;
        var number = version == "in-force" ? found.Value.GetProperty("published_version").GetInt32() : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : 0;
        if (number == 0) return version == "in-force" ? RolloutNames.NothingInForce(rollout) : RolloutNames.NoVersion(rollout, version);
        var answer = await SendAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"rollouts/{IdOf(found.Value)}/matrix/versions/{number}"));
        return answer.Then<string>(a => JsonElement.Parse(a.Body).GetProperty("matrix").GetRawText());
    }

    public async Task<Result<Draft>> DraftAsync(string rollout)
    {
        var found = await RolloutAsync(rollout);
        if (found.Fault is { } unknown) return unknown;
        var answer = await SendAsync(HttpMethod.Get, $"rollouts/{IdOf(found.Value)}/matrix");
        return answer.Then<Draft>(a => new Draft(IdOf(found.Value), a.Body, a.ETag));
    }

    /// <summary>Replaces the draft unless somebody saved since it was read; the tag it has now.</summary>
    public async Task<Result<string>> SaveAsync(Draft draft, string json)
    {
        var saved = await SendAsync(HttpMethod.Put, $"rollouts/{draft.Rollout}/matrix", json, draft.ETag);
        return saved.Then<string>(a => a.ETag.Trim('"'));
    }

    /// <summary>What the console finds in the stored draft; it knows who the approvers are and which actions are listed.</summary>
    public async Task<Result<Analysis>> AnalysisAsync(string rolloutId)
    {
        var answer = await SendAsync(HttpMethod.Get, $"rollouts/{rolloutId}/matrix/analysis");
        return answer.Then<Analysis>(a => new Analysis(Lines("errors"), Lines("warnings")));

        IReadOnlyList<FindingLine> Lines(string name) => [.. JsonElement.Parse(answer.Value.Body).GetProperty(name).EnumerateArray().Select(f => new FindingLine(Text(f, "code")!, Text(f, "message")!, Text(f, "rule"), Text(f, "field")))];
    }

    /// <summary>The toolkit of a rollout as a PDF, and its SHA-256 as the console recorded it.</summary>
    /// <param name="query">As the API takes it.</param>
    public async Task<Result<(byte[] Pdf, string Sha256)>> ToolkitAsync(string rollout, string query)
    {
        var found = await RolloutAsync(rollout);
        if (found.Fault is { } unknown) return unknown;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/rollouts/{IdOf(found.Value)}/toolkit.pdf?{query}");
        return await AnswerAsync<(byte[], string)>(request, PrintPatience, static (response, body) => (body, response.Headers.TryGetValues("OpsConsole-Sha256", out var hash) ? hash.First() : ""));
    }

    /// <summary>The export that a file with this SHA-256 is. Fault <c>toolkit.not_ours</c>: the console has none, or the token's owner may not see it.</summary>
    public async Task<Result<JsonElement>> ExportAsync(string sha256) => (await SendAsync(HttpMethod.Get, "toolkit/exports/" + sha256)).Then<JsonElement>(a => JsonElement.Parse(a.Body));

    private async Task<Result<JsonElement>> RolloutAsync(string rollout)
    {
        List<JsonElement> named = [];
        for (string? after = ""; after is not null;)
        {
            var answer = await SendAsync(HttpMethod.Get, "rollouts?limit=200" + (after.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(after)));
            if (answer.Fault is { } fault) return fault;
            var page = JsonElement.Parse(answer.Value.Body);
            foreach (var row in page.GetProperty("items").EnumerateArray())
            {
                if (IdOf(row) == rollout) return row;
                if (string.Equals(Text(row, "name"), rollout, StringComparison.OrdinalIgnoreCase)) named.Add(row);
            }
            after = Text(page, "next");
        }
        return named is [var only] ? only : RolloutNames.Unclear(rollout, named.Select(IdOf));
    }

    private async Task<Result<(string Body, string ETag)>> SendAsync(HttpMethod method, string path, string? json = null, string? basedOn = null)
    {
        using var request = new HttpRequestMessage(method, "api/v1/" + path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (basedOn is not null) request.Headers.TryAddWithoutValidation("If-Match", basedOn);
        return await AnswerAsync<(string, string)>(request, _patience, static (response, body) => (Encoding.UTF8.GetString(body), response.Headers.ETag?.ToString() ?? ""));
    }

    private async Task<Result<T>> AnswerAsync<T>(HttpRequestMessage request, TimeSpan patience, Func<HttpResponseMessage, byte[], T> read)
    {
        using var late = new CancellationTokenSource(patience);
        try
        {
            using var response = await _http.SendAsync(request, late.Token);
            var body = await response.Content.ReadAsByteArrayAsync(late.Token);
            return response.IsSuccessStatusCode ? read(response, body) : Refused(response, Encoding.UTF8.GetString(body));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return new Fault(FaultKind.Unavailable, "remote.silent", string.Create(CultureInfo.InvariantCulture, $"The console did not answer within {patience.TotalSeconds} s."));
        }
    }

    /// <summary>With the problem's own code; <c>remote</c> where the answer is no problem of a console (a proxy's page). The words are another machine's: flattened, because they end in a terminal.</summary>
    private static Fault Refused(HttpResponseMessage response, string body)
    {
        JsonElement problem = default;
        try { problem = JsonElement.Parse(body); }
        catch (JsonException) { /* somebody else's page */ }
        var (code, said) = problem.ValueKind == JsonValueKind.Object ? (Text(problem, "code"), Text(problem, "detail")) : (null, null);
        return Fault.Invalid(code ?? "remote", VisibleText.Flatten($"The console answered {(int)response.StatusCode}: {said ?? response.ReasonPhrase}".ReplaceLineEndings(" ")));
    }

    private static string IdOf(JsonElement row) => Text(row, "id")!;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public void Dispose() => _http.Dispose();
}
