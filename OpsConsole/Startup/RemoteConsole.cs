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
    private readonly HttpClient _http;

    private RemoteConsole(HttpClient http) => _http = http;

    /// <summary>A draft and the tag it must still have when it is replaced.</summary>
    internal sealed record Draft(string Rollout, string Json, string ETag);

    internal sealed record Analysis(IReadOnlyList<FindingLine> Errors, IReadOnlyList<FindingLine> Warnings);

    public static RemoteConsole Open(string url, TextWriter warnings, string? token = null)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new InvalidOperationException($"--url is '{url}'; it must be an http or https address.");
        token ??= Environment.GetEnvironmentVariable(TokenName);
        if (string.IsNullOrWhiteSpace(token)) throw new InvalidOperationException($"Put a personal token with the scope 'rollouts' (for the toolkit: 'toolkit', too) into the environment as {TokenName}.");
        if (address.Scheme == "http" && !address.IsLoopback) warnings.WriteLine("Warning: the token travels unencrypted. Use https.");
        // A redirect could lead the token to somebody else.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(150)   /* a print may take a minute, and wait for its turn */ };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        return new RemoteConsole(http);
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
        using var response = await _http.GetAsync($"api/v1/rollouts/{IdOf(found.Value)}/toolkit.pdf?{query}");
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode ? (body, response.Headers.TryGetValues("OpsConsole-Sha256", out var hash) ? hash.First() : "") : Refused(response, Encoding.UTF8.GetString(body));
    }

    /// <summary>The export that a file with this SHA-256 is.</summary>
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
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? (body, response.Headers.ETag?.ToString() ?? "") : Refused(response, body);
    }

    private static Fault Refused(HttpResponseMessage response, string body)
    {
        var said = body.StartsWith('{') ? Text(JsonElement.Parse(body), "detail") : null;
        return Fault.Invalid("remote", $"The console answered {(int)response.StatusCode}: {said ?? response.ReasonPhrase}");
    }

    private static string IdOf(JsonElement row) => Text(row, "id")!;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public void Dispose() => _http.Dispose();
}
