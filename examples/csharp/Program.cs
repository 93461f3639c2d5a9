// An agent under control with HttpClient alone.
//   OPS_URL=http://127.0.0.1:5080 OPS_KEY=ops_… dotnet run [action] [arguments as JSON]
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

var key = Environment.GetEnvironmentVariable("OPS_KEY");
if (key is null)
{
    Console.Error.WriteLine("Set OPS_KEY to the key of an agent (ops_…).");
    return 2;
}
using var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("OPS_URL") ?? "http://127.0.0.1:5080"), Timeout = TimeSpan.FromSeconds(75) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
var action = args.Length > 0 ? args[0] : "refund.create";
var arguments = JsonNode.Parse(args.Length > 1 ? args[1] : """{"order":"8812","amount":420,"currency":"EUR","reason":"duplicate charge"}""")!;

// 1. Ask before acting. The Idempotency-Key makes a retry safe.
var answer = await CallAsync(HttpMethod.Post, "/api/v1/decisions", new JsonObject
{
    ["action"] = action, ["arguments"] = arguments, ["run_id"] = $"example-{Guid.NewGuid():N}", ["confidence"] = 0.9, ["resource"] = new JsonObject { ["type"] = "order", ["id"] = "8812" },
    ["reasoning"] = "The customer was charged twice for the same order.", ["undo"] = new JsonObject { ["kind"] = "reverse_write", ["description"] = "Reverse the refund" },
});
var id = answer.GetProperty("id").GetString()!;

// 2. Pending? 'Prefer: wait' holds the call while people decide. Nobody answering in time ends as 'deny' with the reason approval.expired.
while (answer.GetProperty("outcome").GetString() == "pending")
{
    // Somebody asks back before they decide: answer in your own words.
    if (answer.GetProperty("approval").TryGetProperty("question", out var question))
    {
        Console.WriteLine($"asked back: {question.GetProperty("text").GetString()}");
        try { await CallAsync(HttpMethod.Post, $"/api/v1/decisions/{id}/answer", new JsonObject { ["question"] = question.GetProperty("id").GetString(), ["answer"] = "Both charges are of order 8812, on the same day." }); }
        catch (HttpRequestException e) when (e.Message.StartsWith("409", StringComparison.Ordinal)) { /* decided or answered meanwhile */ }
    }
    Console.WriteLine($"waiting for a person: {answer.GetProperty("approval").GetProperty("review_url").GetString()}");
    answer = await CallAsync(HttpMethod.Get, $"/api/v1/decisions/{id}");
}

// 3. Act only on 'allow', and only on the arguments of the answer: an approver may have edited them.
if (answer.GetProperty("outcome").GetString() != "allow")
{
    Console.WriteLine($"not allowed: {answer.GetProperty("reasons")[0].GetProperty("message").GetString()}");
    return 3;
}
Console.WriteLine($"allowed; acting with {answer.GetProperty("arguments").GetRawText()}");

// 4. Report what became of it.
await CallAsync(HttpMethod.Post, $"/api/v1/decisions/{id}/outcome", new JsonObject { ["status"] = "succeeded", ["cost"] = new JsonObject { ["usd"] = "0.0119" } });
Console.WriteLine($"reported: {id} succeeded");
return 0;

async Task<JsonElement> CallAsync(HttpMethod method, string path, JsonObject? body = null)
{
    using var request = new HttpRequestMessage(method, path);
    if (method == HttpMethod.Get) request.Headers.Add("Prefer", "wait=30");
    if (body is not null)
    {
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Content = JsonContent.Create(body);
    }
    using var response = await http.SendAsync(request);
    var text = await response.Content.ReadAsStringAsync();
    return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new HttpRequestException($"{(int)response.StatusCode}: {text}");
}
