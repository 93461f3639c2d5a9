using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpsConsole.Bench;

/// <summary>Somebody who may see everything and can sign in, for the programs that open pages.</summary>
internal static class Readers
{
    public const string Email = "reader@example.com", Password = "mellow otter paints a fence";

    public static async Task AddAsync(Subject subject)
    {
        using var admin = new HttpClient { BaseAddress = subject.Program.Address };
        admin.DefaultRequestHeaders.Authorization = new("Bearer", subject.Seed.Token);
        var invited = await PostAsync(admin, "/api/v1/people", new { email = Email, name = "Reader", roles = (string[])["admin"] });
        await PostAsync(admin, $"/api/v1/invitations/{invited.GetProperty("invitation").GetProperty("code").GetString()}/accept", new { password = Password });
    }

    /// <summary>Fills in the form of the sign-in page; the cookies stay with the client.</summary>
    public static async Task SignInAsync(HttpClient http)
    {
        var form = await http.GetStringAsync("/account/sign-in");
        var fields = Regex.Matches(form, "<input[^>]*type=\"hidden\"[^>]*>").Select(m => (Of(m.Value, "name"), Of(m.Value, "value"))).Append(("Email", Email)).Append(("Password", Password)).ToDictionary(f => f.Item1, f => f.Item2);
        using var answer = await http.PostAsync("/account/sign-in", new FormUrlEncodedContent(fields));
        if (!answer.IsSuccessStatusCode || (await answer.Content.ReadAsStringAsync()).Contains("id=\"password\"", StringComparison.Ordinal)) throw new InvalidOperationException($"Signing in: {(int)answer.StatusCode}");

        static string Of(string input, string attribute) => System.Net.WebUtility.HtmlDecode(Regex.Match(input, attribute + "=\"([^\"]*)\"").Groups[1].Value);
    }

    public static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
