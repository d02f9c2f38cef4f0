using System.Reflection;
using System.Text;
using Orleans.Concurrency;

namespace RemoteIngress.Contracts.Tests.Contract;

/// <summary>Writes down what crosses process boundaries: aliases, ids and types of everything that a grain takes or gives.</summary>
internal static class ContractText
{
    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.Name, StringComparer.Ordinal))
        {
            if (typeof(IGrain).IsAssignableFrom(type))
            {
                DescribeGrain(type, text);
            }
            else if (type.GetCustomAttribute<GenerateSerializerAttribute>() is not null)
            {
                DescribeData(type, text);
            }
        }

        return text.ToString();
    }

    private static void DescribeGrain(Type type, StringBuilder text)
    {
        text.Append("grain ").Append(Alias(type)).Append('\n');
        foreach (var method in type.GetMethods().OrderBy(method => method.Name, StringComparer.Ordinal))
        {
            var parameters = string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)));
            text.Append("  ").Append(Alias(method)).Append('(').Append(parameters).Append(") -> ").Append(Name(method.ReturnType));
            text.Append(method.GetCustomAttribute<ReadOnlyAttribute>() is null ? "" : " readonly");
            text.Append(method.GetCustomAttribute<AlwaysInterleaveAttribute>() is null ? "" : " interleave");
            text.Append(method.GetCustomAttribute<ResponseTimeoutAttribute>() is { Timeout: { } timeout } ? $" timeout={timeout}" : "");
            text.Append('\n');
        }
    }

    private static void DescribeData(Type type, StringBuilder text)
    {
        text.Append(type.IsEnum ? "enum " : "data ").Append(Alias(type)).Append('\n');
        if (type.IsEnum)
        {
            foreach (var value in Enum.GetValues(type))
            {
                text.Append("  ").Append(Convert.ToInt32(value, null)).Append(' ').Append(value).Append('\n');
            }

            return;
        }

        var members = type.GetProperties()
            .Where(property => property.GetCustomAttribute<IdAttribute>() is not null)
            .OrderBy(property => property.GetCustomAttribute<IdAttribute>()!.Id);
        foreach (var member in members)
        {
            text.Append("  ").Append(member.GetCustomAttribute<IdAttribute>()!.Id).Append(' ')
                .Append(member.Name).Append(": ").Append(Name(member.PropertyType)).Append('\n');
        }
    }

    /// <summary>Everything that can be set must travel, or it is lost on the way without anybody noticing.</summary>
    public static IEnumerable<string> WithoutId(Assembly assembly) =>
        from type in assembly.GetExportedTypes()
        where type.GetCustomAttribute<GenerateSerializerAttribute>() is not null && !type.IsEnum
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where property.CanWrite && property.GetCustomAttribute<IdAttribute>() is null
        select $"{type.Name}.{property.Name}";

    private static string Alias(MemberInfo member) =>
        member.GetCustomAttribute<AliasAttribute>()?.Alias ?? throw new InvalidOperationException($"{member} has no [Alias]");

    private static string Name(Type type)
    {
        if (!type.IsGenericType)
        {
            return type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.Name;
        }

        var arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        return $"{type.Name[..type.Name.IndexOf('`')]}<{arguments}>";
    }
}
