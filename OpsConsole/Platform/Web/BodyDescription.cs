using Microsoft.AspNetCore.Http.Metadata;

namespace OpsConsole.Platform.Web;

/// <summary>Says what an endpoint takes as its body.</summary>
public static class BodyDescription
{
    /// <summary>
    /// Describes the JSON body, and leaves it to the handler to judge. <c>Accepts&lt;T&gt;("application/json")</c> would have routing refuse other content types with 415,
    /// before anybody knows who asks; without a content type the description is the same and the order is kept: 401, 403, then 400.
    /// </summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new AcceptsMetadata([], typeof(T)));
}
