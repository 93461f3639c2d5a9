using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OpsConsole.Platform.Web;

/// <summary>The one JSON form of the API: snake_case, enums as snake_case text, absent instead of null unless a contract says null.</summary>
public static class Wire
{
    public static readonly JsonSerializerOptions Json = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;   // served as application/json with nosniff, never inside HTML
        options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        return options;
    }

    /// <summary>A page of a list: <c>{ items, next }</c>.</summary>
    public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

    /// <summary>A page from one row more than asked for; <paramref name="key"/> makes the cursor of the last row shown.</summary>
    public static Page<TOut> PageOf<TRow, TOut>(IReadOnlyList<TRow> oneMore, int limit, Func<TRow, string> key, Func<TRow, TOut> map)
        => new([.. oneMore.Take(limit).Select(map)], oneMore.Count > limit ? key(oneMore[limit - 1]) : null);
}
